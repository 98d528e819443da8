import { Skeleton } from 'antd'
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useColours, useReducedMotion } from '@/shared/theme'
import { font } from '@/shared/tokens'
import { useForecastTexts } from '../texts'
import styles from './Chart.module.css'

export interface Table {
  columns: string[]
  rows: (string | number)[][]
}

interface Props {
  /** Made with `useChartBase` and kept with useMemo: a new object draws anew. */
  option: EChartsCoreOption
  /** What the chart shows, in a sentence. */
  label: string
  /** The same figures in words, for those who cannot or do not want to see a drawing. */
  table: Table
  height: number
  legend?: ReactNode
  onPick?: (data: unknown) => void
  onPoint?: (data: unknown) => void
}

/** A chart in our colours that follows its box, and its data as a table. ECharts is fetched when first needed. */
export function Chart({ option, label, table, height, legend, onPick, onPoint }: Props) {
  const t = useForecastTexts()
  const box = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<EChartsType | null>(null)
  const [failed, setFailed] = useState(false)
  const [open, setOpen] = useState(false)
  const still = useReducedMotion()
  const tableId = useId()
  const handlers = useRef({ onPick, onPoint })
  handlers.current = { onPick, onPoint }

  useEffect(() => {
    let gone = false
    let made: EChartsType | undefined
    let size: ResizeObserver | undefined
    import('./echarts').then(
      ({ init }) => {
        const element = box.current
        if (gone || !element) return
        const drawn = init(element, undefined, { renderer: 'svg' })
        made = drawn
        drawn.on('click', ({ data }) => handlers.current.onPick?.(data))
        drawn.on('mouseover', ({ data }) => handlers.current.onPoint?.(data))
        drawn.on('mouseout', () => handlers.current.onPoint?.(null))
        size = new ResizeObserver(() => drawn.resize())
        size.observe(element)
        setChart(drawn)
      },
      () => setFailed(true),
    )
    return () => {
      gone = true
      size?.disconnect()
      made?.dispose()
    }
  }, [])

  useEffect(() => {
    chart?.setOption(
      { ...option, animation: !still, animationDuration: 180, animationDurationUpdate: 180 },
      true,
    )
  }, [chart, option, still])

  return (
    <figure className={styles.figure}>
      {failed ? (
        <div className={styles.failed}>{t('chart.failed')}</div>
      ) : (
        <div className={styles.canvas} style={{ height }}>
          <div ref={box} role="img" aria-label={label} className={styles.drawing} />
          {!chart && <Skeleton.Node active className={styles.waiting} />}
        </div>
      )}
      <figcaption className={styles.caption}>
        <div className={styles.legend}>{legend}</div>
        <button
          type="button"
          className={styles.toggle}
          aria-expanded={open}
          aria-controls={tableId}
          onClick={() => setOpen(!open)}
        >
          {t(open ? 'chart.hideTable' : 'chart.showTable')}
        </button>
      </figcaption>
      <section
        id={tableId}
        aria-label={label}
        tabIndex={open ? 0 : undefined}
        className={open || failed ? styles.table : 'visually-hidden'}
      >
        <table>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two rows may read alike, and none is ever moved
              <tr key={place}>
                {row.map((cell, i) =>
                  i === 0 ? (
                    <th key={table.columns[i]} scope="row">
                      {cell}
                    </th>
                  ) : (
                    <td key={table.columns[i]}>{cell}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </figure>
  )
}

/** What all our charts share: quiet axes, our font, a tooltip like a popover. */
export function useChartBase() {
  const colours = useColours()
  return useMemo(
    () => ({
      colours,
      axis: {
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: colours.text3, fontSize: 12, hideOverlap: true },
        splitLine: { lineStyle: { color: colours.border } },
      },
      base: {
        textStyle: { fontFamily: font, color: colours.text },
        tooltip: {
          confine: true,
          backgroundColor: colours.raised,
          borderColor: colours.border,
          borderWidth: 1,
          padding: [6, 10],
          textStyle: { color: colours.text, fontSize: 12, lineHeight: 18 },
          extraCssText: TOOLTIP,
        },
      },
    }),
    [colours],
  )
}

/** A series of which only the points are drawn. */
export const POINTS = { type: 'line', showSymbol: true, showAllSymbol: true, lineStyle: { width: 0 } }

const TOOLTIP =
  'box-shadow:0 6px 24px rgba(16,24,40,.12);border-radius:6px;max-width:280px;white-space:normal;line-height:18px'

const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text for a tooltip, which is HTML: names come from people. */
export const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign)
