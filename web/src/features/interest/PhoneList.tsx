import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { Link } from 'react-router'
import { useFormat } from '@/shared/format'
import { useDebounced } from '@/shared/useDebounced'
import { windowOf } from '@/shared/windowOf'
import { cellOf, type View } from './cells'
import { type HeatRow, useInterestLive } from './data'
import styles from './Interest.module.css'
import type { Column } from './MapTab'
import { Surge, useRise } from './Strength'
import { useInterestTexts } from './texts'

const CARD = 92
const BLOCK = 20
const REST = 400
/** So many topics of an account are named. */
const NAMED = 3

interface Props {
  rows: readonly HeatRow[]
  columns: readonly Column[]
  by: View['by']
  open: (row: HeatRow, column?: Column) => void
}

/** The map on a phone: a card for each account, its days as bars. The page scrolls, and only what is near is there. */
export function PhoneList({ rows, columns, by, open }: Props) {
  const t = useInterestTexts()
  const box = useRef<HTMLUListElement>(null)
  const [seen, setSeen] = useState({ top: 0, height: innerHeight })
  useEffect(() => {
    const look = () =>
      setSeen({
        top: Math.max(0, -(box.current?.getBoundingClientRect().top ?? 0)),
        height: innerHeight,
      })
    look()
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [])
  const [first, end] = windowOf(rows.length, { ...seen, each: CARD })
  const from = useDebounced(Math.floor(first / BLOCK) * BLOCK, REST)
  const to = useDebounced(Math.ceil(end / BLOCK) * BLOCK, REST)
  useInterestLive(useMemo(() => rows.slice(from, to).map(({ account }) => account.id), [rows, from, to]))
  return (
    <ul ref={box} className={styles.cards} aria-label={t('list')} style={{ height: rows.length * CARD }}>
      {rows.slice(first, end).map((row, place) => (
        <Card
          key={row.account.id}
          row={row}
          top={(first + place) * CARD}
          place={first + place + 1}
          of={rows.length}
          columns={columns}
          by={by}
          open={open}
        />
      ))}
    </ul>
  )
}

interface CardProps extends Omit<Props, 'rows'> {
  row: HeatRow
  top: number
  place: number
  of: number
}

const Card = memo(function Card({ row, top, place, of, columns, by, open }: CardProps) {
  const t = useInterestTexts()
  const { number } = useFormat()
  const rise = useRise()
  const { account, strength, cells, refused } = row
  return (
    <li className={styles.mapCard} style={{ top }} aria-posinset={place} aria-setsize={of}>
      <div className={styles.cardLine}>
        <Link className={styles.cardName} to={`/accounts/${account.id}`}>
          {account.name}
        </Link>
        {row.rise.surging && <Surge />}
      </div>
      <button type="button" className={styles.cardWhy} onClick={() => open(row)}>
        <span className={styles.cardLine}>
          <b className={styles.kind}>{number(strength)}</b>
          <span className={styles.faint}>{rise(row.rise)}</span>
          <span className={styles.more}>{t('why.open', { strength: number(strength) })}</span>
        </span>
        {by === 'day' ? (
          <span className={styles.bars} role="img" aria-label={t('bars', { count: columns.length })}>
            {columns.map(({ key, before }, index) => {
              const value = cells[index] ?? 0
              return (
                <i
                  key={key}
                  className={styles.tick}
                  data-heat={cellOf(value, refused || before)}
                  style={value ? { height: `${Math.max(12, value)}%` } : undefined}
                />
              )
            })}
          </span>
        ) : (
          <span className={styles.named}>{strongest(columns, cells).join(' · ') || t('none')}</span>
        )}
      </button>
    </li>
  )
})

function strongest(columns: readonly Column[], cells: readonly number[]): string[] {
  return columns
    .map(({ name }, place) => ({ name, value: cells[place] ?? 0 }))
    .filter(({ value }) => value > 0)
    .sort((one, other) => other.value - one.value)
    .slice(0, NAMED)
    .map(({ name, value }) => `${name} ${value}`)
}
