import { Segmented } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { Chip } from '@/features/crm/Chip'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useForecastTexts } from '../texts'
import { More, SHOWN } from './More'
import styles from './Page.module.css'

/** The deals most at risk of being lost soon, and how good such alerts have been. */
export function AlertsCard() {
  const t = useForecastTexts()
  const f = useFormat()
  const named = useNamed()
  const [all, setAll] = useState(false)
  const [ended, setEnded] = useState(false)
  const query = api.useQuery('get', '/api/forecast/alerts', {})
  return (
    <section className={styles.card} aria-labelledby="alerts">
      <header className={styles.cardHead}>
        <h2 id="alerts">{t('alerts.title')}</h2>
        <Segmented
          size="small"
          className={styles.right}
          value={ended}
          onChange={setEnded}
          aria-label={t('alerts.filter')}
          options={[
            { value: false, label: t('alerts.open') },
            { value: true, label: t('alerts.ended') },
          ]}
        />
      </header>
      <Loaded query={query}>
        {(alerts) => {
          const rows = alerts.rows.filter(({ state }) => (state === 'open') !== ended)
          return (
            <>
              <dl className={styles.heroes}>
                <div title={t('alerts.precisionHelp')}>
                  <dt>{t('alerts.precision')}</dt>
                  <dd>{f.percent(alerts.precision)}</dd>
                </div>
                <div title={t('alerts.recallHelp')}>
                  <dt>{t('alerts.recall')}</dt>
                  <dd>{f.percent(alerts.recall)}</dd>
                </div>
                <div title={t('alerts.leadHelp')}>
                  <dt>{t('alerts.lead')}</dt>
                  <dd>
                    {alerts.lead_days === null
                      ? '—'
                      : t('alerts.days', { count: Math.round(alerts.lead_days) })}
                  </dd>
                </div>
              </dl>
              <p className={styles.meta}>
                {alerts.judged ? t('alerts.judged', { count: alerts.judged }) : t('alerts.noneJudged')}
              </p>
              {rows.length === 0 && (
                <p className={styles.none}>{t(ended ? 'alerts.noneEnded' : 'alerts.none')}</p>
              )}
              <ul className={styles.rows}>
                {rows.slice(0, all ? undefined : SHOWN).map((row) => (
                  <li key={row.deal}>
                    <div className={styles.dealName}>
                      <Link to={`/deals/${row.deal}`}>{row.name}</Link>
                      <small>{[row.account, row.owner].filter(Boolean).join(' · ')}</small>
                      <span className={styles.because}>{named(row)}</span>
                    </div>
                    <div className={styles.effect}>
                      {row.state === 'open' ? (
                        <b className={styles.down}>{t('alerts.risk', { risk: f.percent(row.risk) })}</b>
                      ) : (
                        <Chip kind={row.state === 'won' ? 'ok' : 'bad'}>{t(`outcome.${row.state}`)}</Chip>
                      )}
                      <small>
                        {row.lead_days === null
                          ? t('alerts.since', { day: f.day(row.first_at) })
                          : t('alerts.ahead', { count: row.lead_days })}
                      </small>
                    </div>
                  </li>
                ))}
              </ul>
              <More count={rows.length} all={all} onAll={setAll} />
            </>
          )
        }}
      </Loaded>
    </section>
  )
}
