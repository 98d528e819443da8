import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import cards from '@/features/record/Record.module.css'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNarrow } from '@/shared/useNarrow'
import { useInterestLive, useTopicName } from './data'
import styles from './Interest.module.css'
import { Surge, useRise } from './Strength'
import { useInterestTexts } from './texts'

const WhyPanel = lazy(() => import('./WhyPanel'))
const SHOWN = 6

/** What an account cares about, on its page; nothing where nothing was ever heard. */
export default function AccountInterest({ id, name }: { id: number; name: string }) {
  const t = useInterestTexts()
  const { number } = useFormat()
  const rise = useRise()
  const narrow = useNarrow()
  const nameOf = useTopicName(t('why.other'))
  const { data } = api.useQuery('get', '/api/accounts/{account}/interest', {
    params: { path: { account: id } },
  })
  useInterestLive([id])
  const [open, setOpen] = useState<{ topic?: number }>()
  if (!data || data.topics.length === 0) return null
  const shown = number(data.strength)
  return (
    <section className={`${cards.card} ${styles.block}`} aria-labelledby={`interest-${id}`}>
      <header className={cards.cardHead}>
        <h2 id={`interest-${id}`}>{t('block.title')}</h2>
        <Link className={styles.toMap} to={`/interest?by=topic&q=${encodeURIComponent(name)}`}>
          {t('block.map')}
        </Link>
      </header>
      <div className={styles.blockHead}>
        <b className={styles.blockFigure}>{shown}</b>
        <span>{rise(data.rise)}</span>
        {data.rise.surging && <Surge />}
        <button type="button" className={styles.link} onClick={() => setOpen({})}>
          {t('why.open', { strength: shown })}
        </button>
      </div>
      <ul className={styles.topicBars} aria-label={t('block.topics')}>
        {data.topics.slice(0, SHOWN).map(({ topic, strength, rise: topical }) => (
          <li key={topic}>
            <button
              type="button"
              title={rise(topical)}
              onClick={() => setOpen({ topic })}
              aria-label={`${nameOf(topic)}, ${t('whole', { strength: number(strength), rise: rise(topical) })}`}
            >
              <span className={styles.topicName}>{nameOf(topic)}</span>
              <span className={styles.track}>
                <i className={styles.fill} style={{ width: `${strength}%` }} />
              </span>
              <span className={styles.topicValue}>
                {topical.surging && <span className={styles.up}>▲</span>}
                {number(strength)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {open && (
        <Suspense fallback={null}>
          <WhyPanel account={{ id, name }} {...open} beside={!narrow} close={() => setOpen(undefined)} />
        </Suspense>
      )}
    </section>
  )
}
