import { Button, Skeleton } from 'antd'
import { useEffect, useRef } from 'react'
import { Link } from 'react-router'
import styles from './Records.module.css'
import { type ListProps, ReturnsSoon } from './RecordsTable'
import { useRecordsTexts } from './texts'
import { Value } from './Value'

/** The list on a phone. */
export function RecordCards({ kind, rows, fields, stale, more, loading, failed }: ListProps) {
  const t = useRecordsTexts()
  const end = useRef<HTMLDivElement>(null)
  const latest = useRef(more)
  latest.current = loading || failed ? undefined : more
  useEffect(() => {
    if (!end.current) return
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latest.current?.(),
      { rootMargin: '600px' },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [])
  const { card } = kind
  return (
    <>
      <ul className={`${styles.cards} ${stale ? styles.stale : ''}`} aria-busy={stale || loading}>
        {rows.map((row) => {
          const value = (key: string) => {
            const field = fields.get(key)
            return field && <Value field={field} row={row} />
          }
          return (
            <li key={row.id}>
              <Link to={`${kind.path}/${row.id}`} className={styles.card}>
                <span className={styles.line}>
                  <strong>{row.title}</strong>
                  <span>{value(card.right)}</span>
                </span>
                <span className={styles.line}>
                  <span className={styles.second}>{value(card.second)}</span>
                  <span>{value(card.below)}</span>
                </span>
                <span className={styles.line}>
                  <span className={styles.second}>{value(card.third[0] ?? '')}</span>
                  <span className={styles.second}>{value(card.third[1] ?? '')}</span>
                </span>
                <span>
                  <ReturnsSoon row={row} />
                </span>
              </Link>
            </li>
          )
        })}
      </ul>
      <div ref={end} />
      {more && !failed && (
        <Button block loading={loading} onClick={more}>
          {t('more')}
        </Button>
      )}
    </>
  )
}

const CARDS = [0, 1, 2, 3, 4, 5]

export function CardsSkeleton() {
  return (
    <div className={styles.cards} aria-hidden>
      {CARDS.map((card) => (
        <div key={card} className={styles.card}>
          <Skeleton active title={false} paragraph={{ rows: 3, width: ['70%', '50%', '60%'] }} />
        </div>
      ))}
    </div>
  )
}
