import type { Swing } from '../types'

export interface FanPoint extends Swing {
  at: number
}

const clip = (p: number) => Math.min(1, Math.max(0, p))

/**
 * What lies between today and the swing's day, for the eye: only the last point is foreseen.
 * The middle goes straight there; the bands open with the square root of time, as uncertainty does.
 */
export function fan(
  now: number,
  swing: Swing,
  { from, to, steps = 14 }: { from: number; to: number; steps?: number },
): FanPoint[] {
  return Array.from({ length: steps + 1 }, (_, i) => {
    const share = i / steps
    const mid = now + (swing.mid - now) * share
    const edge = (value: number) => clip(mid + (value - swing.mid) * Math.sqrt(share))
    return {
      at: from + (to - from) * share,
      low: edge(swing.low),
      low50: edge(swing.low50),
      mid: clip(mid),
      high50: edge(swing.high50),
      high: edge(swing.high),
    }
  })
}
