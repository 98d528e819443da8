import { Grid } from 'antd'
import { useMemo } from 'react'
import { useFormat } from '@/shared/format'
import { Chart, escaped, POINTS, useChartBase } from '../chart/Chart'
import { useForecastTexts } from '../texts'
import type { HistoryPoint, Outlook } from '../types'
import { fan } from './fan'
import { parts, type Step, steps } from './steps'
import styles from './WinCard.module.css'

const DAY = 86_400_000
const SHOWN_DAYS = 60

interface Props {
  history: HistoryPoint[]
  /** Of an open deal; without it the chart ends where the deal did. */
  outlook?: Outlook
  ended?: { at: string; outcome: 'won' | 'lost' }
  onStep: (step: Step) => void
  onHint: (entries: number[]) => void
}

/** `now`, and every `step` before and after it. */
function ticks(now: number, from: number, to: number, step: number): number[] {
  const before = Math.floor((now - from) / step)
  const after = Math.floor((to - now) / step)
  return Array.from({ length: before + after + 1 }, (_, i) => now + (i - before) * step)
}

/** P(won) as it was, and where it may stand in two weeks. */
export function OutlookChart({ history, outlook, ended, onStep, onHint }: Props) {
  const t = useForecastTexts()
  const f = useFormat()
  const { base, axis, colours: c } = useChartBase()
  const step = (Grid.useBreakpoint().md === false ? 14 : 7) * DAY

  const drawn = useMemo(() => {
    const now = Date.parse(outlook?.at ?? ended?.at ?? history.at(-1)?.at ?? '')
    const points = history.filter(
      ({ at }) => Date.parse(at) >= now - SHOWN_DAYS * DAY && Date.parse(at) <= now,
    )
    if (outlook && Date.parse(points.at(-1)?.at ?? '') !== now)
      points.push({ at: outlook.at, p_won_final: outlook.p_won_final, replayed: false, entries: [] })
    return { now, points, moves: steps(points), ...parts(points) }
  }, [history, outlook, ended])

  const option = useMemo(() => {
    const { now, points, moves, replayed, said } = drawn
    const swing = outlook?.swing
    const ahead = swing
      ? fan(outlook.p_won_final, swing, { from: now, to: now + 14 * DAY }).map((p) => ({ ...p }))
      : []
    const band = (low: 'low' | 'low50' | 'high50', high: 'low50' | 'high50' | 'high', opacity: number) => ({
      type: 'line',
      stack: 'fan',
      silent: true,
      symbol: 'none',
      lineStyle: { width: 0 },
      areaStyle: { color: c.primary, opacity },
      data: ahead.map((p) => [p.at, p[high] - p[low]]),
      tooltip: { show: false },
    })
    const line = { type: 'line', symbol: 'none', silent: true, itemStyle: { color: c.primary } }
    const mark = ended ? t(`outcome.${ended.outcome}`) : t('win.today')
    const nearest = (at: number) =>
      points.reduce<HistoryPoint | undefined>(
        (best, p) =>
          !best || Math.abs(Date.parse(p.at) - at) < Math.abs(Date.parse(best.at) - at) ? p : best,
        undefined,
      )
    const tell = (at: number): string => {
      const last = ahead.at(-1)
      if (last && at > now + DAY / 2) {
        const near = ahead.reduce((best, p) => (Math.abs(p.at - at) < Math.abs(best.at - at) ? p : best))
        const range = (low: number, high: number) => `${f.percent(low)}–${f.percent(high)}`
        const lines = [
          `${f.day(new Date(near.at))} · ${t('win.ifOpen')}`,
          `<b>${f.percent(near.mid)}</b>`,
          `${t('win.band50')} ${range(near.low50, near.high50)}`,
          `${t('win.band80')} ${range(near.low, near.high)}`,
        ]
        if (near !== last) lines.push(`<span style="color:${c.text3}">${t('win.between')}</span>`)
        return lines.join('<br>')
      }
      const point = nearest(at)
      if (!point) return ''
      const move = moves.find((m) => m.at === Date.parse(point.at))
      const lines = [f.moment(point.at), `<b>${f.percent(point.p_won_final)}</b>`]
      if (move) lines[1] += ` ${move.change < 0 ? '▼' : '▲'} ${f.points(move.change)}`
      if (move?.entries.length) lines.push(escaped(t('win.stepHint')))
      if (point.replayed) lines.push(`<span style="color:${c.text3}">${t('win.replayedHint')}</span>`)
      return lines.join('<br>')
    }
    const first = Date.parse(points[0]?.at ?? '') || now
    return {
      ...base,
      grid: { left: 40, right: 14, top: 22, bottom: 24 },
      tooltip: {
        ...base.tooltip,
        trigger: 'axis',
        axisPointer: { type: 'line', lineStyle: { color: c.text3, type: 'dotted' } },
        formatter: (items: { axisValue: number }[]) => (items[0] ? tell(Number(items[0].axisValue)) : ''),
      },
      xAxis: {
        ...axis,
        type: 'time',
        min: Math.min(first, now - 14 * DAY),
        max: ended ? now + 2 * DAY : now + 14 * DAY,
        splitLine: { show: false },
        axisLabel: {
          ...axis.axisLabel,
          customValues: ticks(now, Math.min(first, now - 14 * DAY), ended ? now : now + 14 * DAY, step),
          formatter: (at: number) => f.day(new Date(at)),
        },
      },
      yAxis: {
        ...axis,
        type: 'value',
        min: 0,
        max: 1,
        interval: 0.25,
        axisLabel: { ...axis.axisLabel, formatter: (share: number) => `${Math.round(share * 100)}%` },
      },
      series: [
        {
          ...line,
          stack: 'fan',
          lineStyle: { width: 0 },
          data: ahead.map((p) => [p.at, p.low]),
        },
        band('low', 'low50', 0.13),
        band('low50', 'high50', 0.3),
        band('high50', 'high', 0.13),
        {
          ...line,
          lineStyle: { color: c.primary, width: 2, type: 'dashed' },
          data: ahead.map((p) => [p.at, p.mid]),
        },
        {
          ...line,
          lineStyle: { color: c.primary, width: 2, type: [1, 4], cap: 'round', opacity: 0.75 },
          data: replayed,
        },
        {
          ...line,
          lineStyle: { color: c.primary, width: 2 },
          data: said.length ? said : replayed.slice(-1),
          markLine: {
            silent: true,
            symbol: 'none',
            lineStyle: { color: c.text3, type: 'dashed', width: 1 },
            label: { formatter: mark, color: c.text2, fontSize: 12, distance: 4 },
            data: [{ xAxis: now }],
          },
        },
        {
          ...POINTS,
          z: 5,
          cursor: 'pointer',
          data: moves.map((move) => ({
            value: [move.at, move.to],
            move,
            symbol: 'triangle',
            symbolRotate: move.change < 0 ? 180 : 0,
            symbolSize: 10,
            itemStyle: {
              color: move.change < 0 ? c.diverging[0] : c.diverging[4],
              borderColor: c.surface,
              borderWidth: 1,
            },
          })),
        },
        {
          ...POINTS,
          z: 6,
          silent: true,
          symbol: 'circle',
          symbolSize: 9,
          itemStyle: { color: c.primary, borderColor: c.surface, borderWidth: 2 },
          data: points.slice(-1).map((p) => [Date.parse(p.at), p.p_won_final]),
        },
      ],
    }
  }, [drawn, outlook, ended, base, axis, c, t, f, step])

  const moveOf = (data: unknown) => (data as { move?: Step } | null)?.move
  const last = drawn.points.at(-1)
  const swing = outlook?.swing
  const label = swing
    ? t('win.chartLabel', {
        now: f.percent(outlook.p_won_final),
        mid: f.percent(swing.mid),
        low: f.percent(swing.low),
        high: f.percent(swing.high),
      })
    : t('win.chartLabelPast', { now: f.percent(last?.p_won_final) })
  const rows = drawn.points.map((p) => [
    f.moment(p.at),
    f.percent(p.p_won_final),
    t(p.replayed ? 'win.replayed' : 'win.said'),
  ])
  if (swing) {
    const day = f.day(outlook.swing_on)
    rows.push([day, `${f.percent(swing.mid)}`, t('win.foreseen')])
    rows.push([day, `${f.percent(swing.low50)}–${f.percent(swing.high50)}`, t('win.band50')])
    rows.push([day, `${f.percent(swing.low)}–${f.percent(swing.high)}`, t('win.band80')])
  }
  return (
    <Chart
      option={option}
      label={label}
      table={{ columns: [t('win.when'), t('win.title'), t('win.kind')], rows }}
      height={228}
      onPick={(data) => {
        const move = moveOf(data)
        if (move) onStep(move)
      }}
      onPoint={(data) => onHint(moveOf(data)?.entries ?? [])}
      legend={
        <>
          {drawn.said.length > 1 && (
            <span className={styles.key}>
              <i className={styles.keySaid} />
              {t('win.said')}
            </span>
          )}
          {drawn.replayed.length > 1 && (
            <span className={styles.key} title={t('win.replayedHint')}>
              <i className={styles.keyReplayed} />
              {t('win.replayed')}
            </span>
          )}
          {swing && (
            <span className={styles.key}>
              <i className={styles.keyFan} />
              {t('win.fan')}
            </span>
          )}
        </>
      }
    />
  )
}
