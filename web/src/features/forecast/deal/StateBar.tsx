import { useFormat } from '@/shared/format'
import { useForecastTexts } from '../texts'
import styles from './WinCard.module.css'

const SIDES = ['won', 'open', 'lost'] as const

/** Won, open or lost by then: one bar that sums to one, and the numbers. */
export function StateBar({ won, lost, open }: { won: number; lost: number; open: number }) {
  const t = useForecastTexts()
  const f = useFormat()
  const shares = { won, lost, open }
  return (
    <div>
      <div className={styles.bar} aria-hidden="true">
        {SIDES.map((side) => (
          <i key={side} className={styles[side]} style={{ flexGrow: shares[side] }} />
        ))}
      </div>
      <dl className={styles.states}>
        {SIDES.map((side) => (
          <div key={side}>
            <dt>
              <i className={styles[side]} aria-hidden="true" />
              {t(`outcome.${side}`)}
            </dt>
            <dd>{f.percent(shares[side])}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
