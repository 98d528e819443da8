import styles from './Page.module.css'

interface Props {
  /** What the whole width stands for. */
  scale: number
  won: number
  low: number
  mean: number
  high: number
  best: number
  estimate: number | null
}

const share = (value: number, scale: number) => `${Math.min(100, Math.max(0, (value / scale) * 100))}%`

/** One period in one line: what is won, what is expected with its range, the best case, and a person's own estimate. */
export function Bullet({ scale, won, low, mean, high, best, estimate }: Props) {
  return (
    <div className={styles.bullet} aria-hidden="true">
      <i className={styles.best} style={{ width: share(best, scale) }} />
      <i className={styles.range} style={{ left: share(low, scale), width: share(high - low, scale) }} />
      <i className={styles.wonBar} style={{ width: share(won, scale) }} />
      <i className={styles.mean} style={{ left: share(mean, scale) }} />
      {estimate !== null && <i className={styles.estimate} style={{ left: share(estimate, scale) }} />}
    </div>
  )
}
