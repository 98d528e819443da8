import { Link } from 'react-router'
import { amountOf, rateOf, type Span, sumOf } from '@/features/targets/sums'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLive } from '@/shared/live'
import type { Me } from '@/shared/me'
import { useSuggestionTexts } from '../suggestions/texts'
import styles from './Today.module.css'

/** How one's own quarter stands, where there is a target for it. */
export function Quarter({ me }: { me: Me }) {
  const t = useSuggestionTexts()
  const f = useFormat()
  const now = new Date()
  const query = api.useQuery('get', '/api/targets', { params: { query: { year: now.getFullYear() } } })
  useLive([['targets', 0]], [['get', '/api/targets']])
  const row = query.data?.rows.find(({ kind, scope }) => kind === 'person' && scope === me.id)
  if (!row || !query.data) return null
  const sum = sumOf(row, (Math.floor(now.getMonth() / 3) + 1) as Span)
  const rate = rateOf(sum)
  const money = (value: bigint) => f.money(amountOf(value), query.data.currency)
  return (
    <section className={styles.sideCard} aria-labelledby="quarter">
      <h2 id="quarter">
        <Link to="/targets">{t('quarter')}</Link>
        {sum.base !== null && <small>{t('target', { amount: money(sum.base) })}</small>}
      </h2>
      {rate === null ? (
        <p className={styles.faint}>{t('noTarget')}</p>
      ) : (
        <>
          <div className={styles.bar} aria-hidden="true">
            <i style={{ width: `${Math.min(rate, 1) * 100}%` }} data-met={rate >= 1 || undefined} />
          </div>
          <p className={styles.faint}>
            {`${f.number(Math.floor(rate * 1000) / 10, 1)}%`} · {t('won', { amount: money(sum.won) })}
          </p>
        </>
      )}
    </section>
  )
}
