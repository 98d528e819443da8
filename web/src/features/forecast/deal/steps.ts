import type { HistoryPoint } from '../types'

export interface Step {
  at: number
  from: number
  to: number
  change: number
  entries: number[]
}

export const STEP = 0.05

/** The points at which the history jumped by five points or more, oldest first. */
export function steps(points: HistoryPoint[]): Step[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1]
    if (!before) return []
    const change = point.p_won_final - before.p_won_final
    if (Math.abs(change) < STEP - 1e-9 && point.entries.length === 0) return []
    return [
      {
        at: Date.parse(point.at),
        from: before.p_won_final,
        to: point.p_won_final,
        change,
        entries: point.entries,
      },
    ]
  })
}

/** What is drawn dotted (worked out afterwards) and what solid (said at the time); they meet in one point. */
export function parts(points: HistoryPoint[]): { replayed: [number, number][]; said: [number, number][] } {
  const first = points.findIndex((point) => !point.replayed)
  const pair = (point: HistoryPoint): [number, number] => [Date.parse(point.at), point.p_won_final]
  if (first < 0) return { replayed: points.map(pair), said: [] }
  return { replayed: points.slice(0, first + 1).map(pair), said: points.slice(first).map(pair) }
}
