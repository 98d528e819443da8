import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { type Import, useRefused, useTake } from './data'
import styles from './Imports.module.css'
import { useImportsTexts } from './texts'

type Log = Schemas['LogOut']

const ROLES = ['case', 'at', 'kind', 'actor', 'amount', 'customer'] as const
const NEEDED: ReadonlySet<string> = new Set(['case', 'at', 'kind'])

/** How a log of events is read: what was guessed, and what a person says instead. */
export function LogCard({ of, log }: { of: Import; log: Log }) {
  const t = useImportsTexts()
  const format = useFormat()
  const refused = useRefused()
  const take = useTake()
  const [way, setWay] = useState<Log>(log)
  const configure = api.useMutation('patch', '/api/imports/{import}', { onSuccess: take, onError: refused })
  const params = { path: { import: of.id } }
  const columns = log.columns.map((name) => ({ value: name, label: name }))
  const kinds = log.kinds.map(({ name, count }) => ({
    value: name,
    label: `${name}（${format.number(count)}）`,
  }))
  const change = (part: Partial<Log>) => setWay((now) => ({ ...now, ...part }))
  const changed = JSON.stringify(way) !== JSON.stringify(log)
  const ends = way.won.length + way.lost.length > 0
  return (
    <section className={styles.card} aria-label={t('log.title')}>
      <h2>{t('log.title')}</h2>
      <p className={styles.faint}>
        {t('log.what', {
          events: format.number(log.events),
          deals: format.number(of.rows),
          won: format.number(log.deals_won),
          lost: format.number(log.deals_lost),
          open: format.number(log.deals_open),
        })}
      </p>
      <p className={styles.faint}>{t('log.check')}</p>
      <div className={styles.row}>
        {ROLES.map((role) => (
          <div key={role}>
            <div className={styles.faint}>{t(`log.role.${role}`)}</div>
            <Select
              aria-label={t(`log.role.${role}`)}
              style={{ width: 180 }}
              showSearch
              allowClear={!NEEDED.has(role)}
              value={way[role] ?? undefined}
              options={columns}
              onChange={(value: string | undefined) => change({ [role]: value ?? null })}
            />
          </div>
        ))}
      </div>
      {(['won', 'lost'] as const).map((side) => (
        <div key={side}>
          <div className={styles.faint}>{t(`log.${side}`)}</div>
          <Select
            aria-label={t(`log.${side}`)}
            mode="tags"
            style={{ width: '100%' }}
            value={way[side]}
            options={kinds.filter(({ value }) => !way[side === 'won' ? 'lost' : 'won'].includes(value))}
            onChange={(value: string[]) => change({ [side]: value })}
          />
        </div>
      ))}
      <div className={styles.row}>
        <div>
          <div className={styles.faint}>{t('log.stage')}</div>
          <Input
            aria-label={t('log.stage')}
            value={way.stage ?? ''}
            onChange={({ target }) => change({ stage: target.value || null })}
            addonBefore={
              <Select
                aria-label={t('log.stageBy')}
                value={way.stage_by}
                options={(['prefix', 'column'] as const).map((by) => ({
                  value: by,
                  label: t(`log.by.${by}`),
                }))}
                onChange={(value: Log['stage_by']) => change({ stage_by: value })}
              />
            }
          />
        </div>
        <div>
          <div className={styles.faint}>{t('log.zone')}</div>
          <Input
            aria-label={t('log.zone')}
            value={way.tz ?? ''}
            onChange={({ target }) => change({ tz: target.value || null })}
          />
        </div>
      </div>
      <div className={styles.row}>
        <Button
          disabled={!changed || !ends}
          loading={configure.isPending}
          onClick={() => configure.mutate({ params, body: { log: way } })}
        >
          {t('log.read')}
        </Button>
        <Button type="text" onClick={() => configure.mutate({ params, body: { as_table: true } })}>
          {t('log.table')}
        </Button>
        {log.rejects > 0 && (
          <a href={`/api/imports/${of.id}/rejected-events`} download>
            {t('log.rejects', { number: format.number(log.rejects) })}
          </a>
        )}
      </div>
    </section>
  )
}
