import type { ChangeStep } from '../types'

export interface Bar {
  code: ChangeStep['code']
  deals: number
  amount: number
  low: number
  high: number
  /** where the line to the next bar runs */
  level: number
  total: boolean
}

/** Lay the steps of a week out as hanging bars. Totals stand on zero; a step that changed nothing is left out. */
export function waterfall(steps: ChangeStep[]): Bar[] {
  let level = 0
  return steps.flatMap<Bar>(({ code, amount: text, deals }) => {
    const amount = Number(text)
    const total = code === 'before' || code === 'now'
    if (total) {
      level = amount
      return [{ code, deals, amount, low: Math.min(0, amount), high: Math.max(0, amount), level, total }]
    }
    if (amount === 0 && deals === 0) return []
    const from = level
    level += amount
    return [{ code, deals, amount, low: Math.min(from, level), high: Math.max(from, level), level, total }]
  })
}

/** Where the value axis may start so that small steps between large totals stay visible. */
export function floor(bars: Bar[]): number {
  const lows = bars.map((bar) => (bar.total ? bar.high : bar.low))
  const highest = Math.max(...bars.map((bar) => bar.high))
  const lowest = Math.min(...lows)
  if (lowest <= 0 || highest - lowest > highest * 0.5) return Math.min(0, lowest)
  const step = 10 ** Math.floor(Math.log10(highest - lowest || highest))
  return Math.max(0, Math.floor((lowest - (highest - lowest) * 0.5) / step) * step)
}
