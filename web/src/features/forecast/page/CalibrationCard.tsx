import { useMemo } from 'react'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { Empty, Loaded } from '@/shared/states'
import { Chart, escaped, POINTS, useChartBase } from '../chart/Chart'
import { useForecastTexts } from '../texts'
import type { CalibrationBin } from '../types'
import { fitOf, telling } from './calibration'
import styles from './Page.module.css'

/** Whether what was called 70 % happened seven times in ten. */
export function CalibrationCard() {
  const t = useForecastTexts()
  const f = useFormat()
  const query = api.useQuery('get', '/api/forecast/calibration', {})
  return (
    <section className={styles.card} aria-labelledby="calibration">
      <header className={styles.cardHead}>
        <h2 id="calibration">{t('calibration.title')}</h2>
      </header>
      <Loaded query={query}>
        {({ bins, n, brier, since, until }) => {
          const bin = telling(bins)
          if (bins.length === 0) return <Empty why={t('calibration.none')} />
          return (
            <>
              <p className={styles.sentence}>
                {bin
                  ? t('calibration.sentence', {
                      said: f.percent(bin.said),
                      happened: f.percent(bin.happened),
                      n: bin.n,
                    })
                  : t('calibration.few')}
              </p>
              <Reliability bins={bins} />
              <p className={styles.meta}>
                {t('calibration.basis', { n: f.number(n), since: f.day(since), until: f.day(until) })}
                {brier !== null && ` · Brier ${f.number(brier, 3)}`}
              </p>
            </>
          )
        }}
      </Loaded>
    </section>
  )
}

function Reliability({ bins }: { bins: CalibrationBin[] }) {
  const t = useForecastTexts()
  const f = useFormat()
  const { base, axis, colours: c } = useChartBase()
  const option = useMemo(() => {
    const most = Math.max(1, ...bins.map((bin) => bin.n))
    const share = (value: number) => `${Math.round(value * 100)}%`
    const scale = {
      ...axis,
      type: 'value',
      min: 0,
      max: 1,
      interval: 0.25,
      axisLabel: { ...axis.axisLabel, formatter: share },
      nameTextStyle: { color: c.text3, fontSize: 12 },
    }
    return {
      ...base,
      grid: { left: 44, right: 16, top: 26, bottom: 42 },
      tooltip: {
        ...base.tooltip,
        trigger: 'item',
        formatter: ({ data }: { data: { bin?: CalibrationBin } }) =>
          data.bin
            ? escaped(
                t('calibration.point', {
                  said: f.percent(data.bin.said),
                  happened: f.percent(data.bin.happened),
                  low: f.percent(data.bin.low),
                  high: f.percent(data.bin.high),
                  n: data.bin.n,
                }),
              )
            : '',
      },
      xAxis: { ...scale, name: t('calibration.said'), nameLocation: 'middle', nameGap: 26 },
      yAxis: {
        ...scale,
        name: t('calibration.happened'),
        nameTextStyle: { ...scale.nameTextStyle, align: 'left', padding: [0, 0, 0, -34] },
      },
      series: [
        {
          type: 'line',
          silent: true,
          showSymbol: false,
          lineStyle: { color: c.text3, type: 'dashed', width: 1 },
          data: [
            [0, 0],
            [1, 1],
          ],
        },
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          lineStyle: { color: c.primary, width: 2, opacity: 0.4 },
          // A point without a value ends the stroke.
          data: bins.flatMap((bin) => [
            [bin.said, bin.low],
            [bin.said, bin.high],
            [bin.said, null],
          ]),
        },
        {
          ...POINTS,
          data: bins.map((bin) => ({
            value: [bin.said, bin.happened],
            bin,
            symbol: fitOf(bin) === 'inside' ? 'circle' : 'diamond',
            symbolSize: 7 + 9 * Math.sqrt(bin.n / most),
            itemStyle: {
              color: fitOf(bin) === 'inside' ? c.primary : c.warn,
              borderColor: c.surface,
              borderWidth: 1,
            },
          })),
        },
      ],
    }
  }, [bins, base, axis, c, t, f])
  return (
    <Chart
      option={option}
      label={t('calibration.label')}
      height={220}
      table={{
        columns: [
          t('calibration.said'),
          t('calibration.happened'),
          t('calibration.interval'),
          t('calibration.deals'),
        ],
        rows: bins.map((bin) => [
          f.percent(bin.said),
          f.percent(bin.happened),
          `${f.percent(bin.low)}–${f.percent(bin.high)}`,
          f.number(bin.n),
        ]),
      }}
      legend={bins.some((bin) => fitOf(bin) !== 'inside') ? <span>◆ {t('calibration.off')}</span> : undefined}
    />
  )
}
