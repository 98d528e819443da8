import { Button, Skeleton } from 'antd'
import { useEffect, useRef } from 'react'
import { Link } from 'react-router'
import { Chance, Expected, Money, Owner, Stage } from './cells'
import styles from './DealsPage.module.css'
import { MoreFailed } from './DealTable'
import type { ListProps } from './list'
import { useDealsTexts } from './texts'

/** The list on a phone. */
export function DealCards({ deals, outlooks, stagesOf, stale, more, loading, failed }: ListProps) {
  const t = useDealsTexts()
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
  return (
    <>
      <ul className={`${styles.cards} ${stale ? styles.stale : ''}`} aria-busy={stale || loading}>
        {deals.map((deal) => (
          <li key={deal.id}>
            <Link to={`/deals/${deal.id}`} className={styles.card}>
              <span className={styles.line}>
                <strong>{deal.name}</strong>
                <Chance deal={deal} outlooks={outlooks} />
              </span>
              <span className={styles.line}>
                <span className={styles.second}>{deal.account.name}</span>
                <Money deal={deal} />
              </span>
              <span className={styles.line}>
                <Stage deal={deal} count={stagesOf.get(deal.pipeline)} />
                <span className={styles.second}>
                  <Owner deal={deal} /> · <Expected deal={deal} />
                </span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
      <div ref={end} />
      {failed ? (
        <MoreFailed retry={more} />
      ) : (
        more && (
          <Button block loading={loading} onClick={more}>
            {t('more')}
          </Button>
        )
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
