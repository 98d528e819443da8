import { useFormat } from '@/shared/format'
import styles from './Change.module.css'
import { useForecastTexts } from './texts'

/** A change of p(won) in points: sign, arrow and colour, so that none has to be read alone. */
export function Change({ value, days }: { value: number | null; days?: number }) {
  const t = useForecastTexts()
  const f = useFormat()
  if (value === null) return null
  const points = f.points(value)
  const way = points === '0' ? 'same' : value < 0 ? 'down' : 'up'
  return (
    <span className={`${styles.change} ${styles[way]}`}>
      {way !== 'same' && (
        <span aria-hidden="true">
          {way === 'down' ? '▼' : '▲'} {points.replace(/^[+−]/, '')}
        </span>
      )}
      <span className={way === 'same' ? undefined : 'visually-hidden'}>
        {t(`change.${way}`, { points: points.replace(/^[+−]/, '') })}
      </span>
      {days && <small>{t('change.days', { days })}</small>}
    </span>
  )
}
