import { memo } from 'react'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useForecastTexts } from '../texts'
import type { Driver, Outlook } from '../types'
import styles from './Drivers.module.css'
import { pointsOf, shareOf } from './odds'

interface Props {
  outlook: Outlook
  stage: string
  active: string | null
  onPick: (driver: Driver) => void
}

const SMALLEST_SCALE = 0.05

export const driverId = (code: string) => `driver-${code}`

/** Why the chance differs from that of deals that have come as far. */
export const Drivers = memo(function Drivers({ outlook, stage, active, onPick }: Props) {
  const t = useForecastTexts()
  const f = useFormat()
  const scale = Math.max(SMALLEST_SCALE, ...outlook.drivers.map((d) => Math.abs(d.points)))
  const rest = pointsOf(outlook.p_won_final, outlook.rest)
  return (
    <>
      <ul className={styles.list}>
        {outlook.drivers.map((driver) => (
          <DriverRow
            key={driver.code}
            driver={driver}
            share={Math.abs(driver.points) / scale}
            active={driver.code === active}
            onPick={onPick}
          />
        ))}
      </ul>
      <p className={styles.foot}>
        {t('drivers.base', { stage, base: f.percent(shareOf(outlook.base)) })}
        {outlook.others > 0 && t('drivers.rest', { count: outlook.others, points: f.points(rest) })}
      </p>
    </>
  )
})

function DriverRow({
  driver,
  share,
  active,
  onPick,
}: {
  driver: Driver
  share: number
  active: boolean
  onPick: (driver: Driver) => void
}) {
  const t = useForecastTexts()
  const f = useFormat()
  const named = useNamed()
  const way = driver.points < 0 ? 'down' : 'up'
  const inside = (
    <>
      <span className={styles.words}>
        {named(driver)}{' '}
        {driver.entries.length > 0 && <small>{t('drivers.entries', { count: driver.entries.length })}</small>}
      </span>
      <span className={styles.track} aria-hidden="true">
        <i className={styles[way]} style={{ width: `${share * 50}%` }} />
      </span>
      <span className={styles.points}>{f.points(driver.points)}</span>
    </>
  )
  return (
    <li id={driverId(driver.code)} className={styles.item}>
      {driver.entries.length ? (
        <button
          type="button"
          className={styles.row}
          aria-pressed={active}
          title={t('drivers.show')}
          onClick={() => onPick(driver)}
        >
          {inside}
        </button>
      ) : (
        <div className={styles.row}>{inside}</div>
      )}
    </li>
  )
}
