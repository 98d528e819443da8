import { Segmented } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { Chip } from '@/features/crm/Chip'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { Loaded } from '@/shared/states'
import { useForecastTexts } from '../texts'
import { More, SHOWN } from './More'
import styles from './Page.module.css'

/** How often verdicts came true, how many deals have one, and which. */
export function VerdictsCard() {
  const t = useForecastTexts()
  const f = useFormat()
  const [judged, setJudged] = useState(false)
  const [all, setAll] = useState(false)
  const query = api.useQuery(
    'get',
    '/api/forecast/verdicts',
    { params: { query: { judged } } },
    { placeholderData: (before) => before },
  )
  return (
    <section className={styles.card} aria-labelledby="verdicts">
      <header className={styles.cardHead}>
        <h2 id="verdicts">{t('verdicts.title')}</h2>
        <Segmented
          size="small"
          className={styles.right}
          value={judged}
          onChange={setJudged}
          aria-label={t('verdicts.filter')}
          options={[
            { value: false, label: t('verdicts.open') },
            { value: true, label: t('verdicts.judged') },
          ]}
        />
      </header>
      <Loaded query={query}>
        {(verdicts) => {
          const held = verdicts.due > 0 && verdicts.right / verdicts.due >= verdicts.target
          return (
            <>
              <dl className={styles.heroes}>
                <div>
                  <dt>{t('verdicts.right')}</dt>
                  <dd>
                    {verdicts.due ? f.percent(verdicts.right / verdicts.due) : '—'}
                    <small>
                      {verdicts.due
                        ? t('verdicts.of', { right: verdicts.right, due: verdicts.due })
                        : t('verdicts.noneDue')}
                    </small>
                  </dd>
                  <dd className={styles.meta}>
                    {verdicts.due > 0 && (held ? '✓ ' : '▼ ')}
                    {t('verdicts.target', { target: f.percent(verdicts.target) })}
                  </dd>
                </div>
                <div>
                  <dt>{t('verdicts.coverage')}</dt>
                  <dd>
                    {verdicts.open_deals ? f.percent(verdicts.with_verdict / verdicts.open_deals) : '—'}
                    <small>
                      {t('verdicts.of', { right: verdicts.with_verdict, due: verdicts.open_deals })}
                    </small>
                  </dd>
                  <dd className={styles.meta}>{t('verdicts.rest')}</dd>
                </div>
              </dl>
              {verdicts.rows.length === 0 && (
                <p className={styles.none}>{t(judged ? 'verdicts.noneJudged' : 'verdicts.noneOpen')}</p>
              )}
              <ul className={styles.rows}>
                {verdicts.rows.slice(0, all ? undefined : SHOWN).map((row) => (
                  <li key={`${row.deal}-${row.said_at}`}>
                    <div className={styles.dealName}>
                      <Link to={`/deals/${row.deal}`}>{row.name}</Link>
                      <small>{[row.account, row.owner].filter(Boolean).join(' · ')}</small>
                    </div>
                    <div className={styles.effect}>
                      <Chip kind={row.side === 'won' ? 'ok' : 'bad'}>{t(`verdicts.says_${row.side}`)}</Chip>
                      <small>
                        {row.right === null
                          ? t('verdicts.due', { day: f.day(row.due_at) })
                          : row.right
                            ? `✓ ${t('verdicts.wasRight')}`
                            : `✕ ${t('verdicts.wasWrong', { state: t(`outcome.${row.state ?? 'open'}`) })}`}
                      </small>
                    </div>
                  </li>
                ))}
              </ul>
              <More count={verdicts.rows.length} all={all} onAll={setAll} />
            </>
          )
        }}
      </Loaded>
    </section>
  )
}
