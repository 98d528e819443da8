const expit = (x: number) => 1 / (1 + Math.exp(-x))
const logit = (p: number) => Math.log(p / (1 - p))

/** The share that log-odds mean. */
export const shareOf = expit

/** What `p` would lose without a part of its log-odds: how the server counts a driver's points. */
export function pointsOf(p: number, logOdds: number): number {
  const held = Math.min(1 - 1e-9, Math.max(1e-9, p))
  return held - expit(logit(held) - logOdds)
}
