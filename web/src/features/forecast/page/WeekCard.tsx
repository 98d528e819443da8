import { Link } from 'react-router'
import { api } from '@/shared/api'
import { type Format, useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useForecastTexts } from '../texts'
import type { Changes, ScopeTotals } from '../types'
import styles from './Page.module.css'
import { type Bar, floor, waterfall } from './waterfall'

const DAYS = 7
const SHOWN = 8

/** From what was expected a week ago to what is now: which kinds of change, and which deals. */
export function WeekCard({ scope, currency }: { scope: ScopeTotals; currency: string }) {
  const t = useForecastTexts()
  const f = useFormat()
  const query = api.useQuery('get', '/api/forecast/changes', {
    params: { query: { kind: scope.kind, scope: scope.id, days: DAYS } },
  })
  return (
    <section className={styles.card} aria-labelledby="week">
      <header className={styles.cardHead}>
        <h2 id="week">{t('week.title')}</h2>
        <span className={styles.meta}>{query.data && t('week.since', { day: f.day(query.data.since) })}</span>
      </header>
      <Loaded query={query}>
        {(changes) => (
          <div className={styles.week}>
            <Waterfall changes={changes} currency={currency} />
            <Moved changes={changes} currency={currency} />
          </div>
        )}
      </Loaded>
    </section>
  )
}

function Waterfall({ changes, currency }: { changes: Changes; currency: string }) {
  const t = useForecastTexts()
  const f = useFormat()
  const bars = waterfall(changes.steps)
  const from = floor(bars)
  const to = Math.max(...bars.map((bar) => bar.high), from + 1)
  const place = (value: number) => `${(Math.max(0, value - from) / (to - from)) * 100}%`
  return (
    <div>
      <ul className={styles.waterfall} aria-label={t('week.title')}>
        {bars.map((bar) => (
          <li key={bar.code} data-total={bar.total || undefined}>
            <span>
              {t(`step.${bar.code}`)}
              <small>{t('week.deals', { count: bar.deals })}</small>
            </span>
            <span className={styles.fallTrack} aria-hidden="true">
              <i
                className={bar.total ? styles.fallTotal : good(bar) ? styles.fallUp : styles.fallDown}
                style={{ left: place(bar.low), right: `calc(100% - ${place(bar.high)})` }}
              />
            </span>
            <span className={styles.fallAmount}>{amountOf(bar, f, currency)}</span>
          </li>
        ))}
      </ul>
      {from > 0 && <p className={styles.meta}>{t('week.cut', { from: f.money(from, currency) })}</p>}
    </div>
  )
}

/** What was won leaves what is still to come, and that is good. */
const good = (bar: Bar) => bar.amount >= 0 || bar.code === 'won'

const amountOf = (bar: Bar, f: Format, currency: string) =>
  bar.total || bar.amount < 0 ? f.money(bar.amount, currency) : `+${f.money(bar.amount, currency)}`

function Moved({ changes, currency }: { changes: Changes; currency: string }) {
  const t = useForecastTexts()
  const f = useFormat()
  const named = useNamed()
  if (changes.moved.length === 0) return <p className={styles.none}>{t('week.none')}</p>
  return (
    <ul className={styles.moved} aria-label={t('week.moved')}>
      {changes.moved.slice(0, SHOWN).map((deal) => {
        const effect = Number(deal.effect)
        const way = effect < 0 ? 'down' : 'up'
        return (
          <li key={deal.deal}>
            <div className={styles.dealName}>
              <Link to={`/deals/${deal.deal}`}>{deal.name}</Link>
              <small>{[deal.account, deal.owner].filter(Boolean).join(' · ')}</small>
              <span className={styles.because}>{named(deal)}</span>
            </div>
            <div className={styles.effect}>
              <b className={styles[way]}>
                {way === 'down' ? '▼ ' : '▲ +'}
                {f.money(deal.effect, currency)}
              </b>
              <small>
                {deal.before === null ? t('week.new') : f.percent(deal.before)} →{' '}
                {deal.after === null ? t('week.gone') : f.percent(deal.after)}
              </small>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
