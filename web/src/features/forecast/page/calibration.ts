import type { CalibrationBin } from '../types'

const ENOUGH = 20
const LIKELY = 0.7

/** The bin that a sentence is made of: "called 70 %" says most, so the nearest one with enough deals behind it. */
export function telling(bins: CalibrationBin[]): CalibrationBin | undefined {
  const away = (bin: CalibrationBin) => Math.abs(bin.said - LIKELY)
  return bins.filter((bin) => bin.n >= ENOUGH).toSorted((a, b) => away(a) - away(b))[0]
}

export type Fit = 'inside' | 'above' | 'below'

/** Whether what was said lies within the interval of what happened. */
export const fitOf = (bin: CalibrationBin): Fit =>
  bin.said < bin.low ? 'above' : bin.said > bin.high ? 'below' : 'inside'
