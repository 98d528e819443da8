import { Alert, Button, Checkbox, Segmented, Select } from 'antd'
import { Fragment, useState } from 'react'
import { api } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { may, useMe } from '@/shared/me'
import { type Import, type Settings, useRefused, useTake } from './data'
import styles from './Imports.module.css'
import { LogCard } from './LogCard'
import { Preview } from './Preview'
import { useImportsTexts } from './texts'

const SKIP = ''

/** Which column is read as what, and what is done with the rows. */
export function ColumnsStep({ of, done }: { of: Import; done: () => void }) {
  const t = useImportsTexts()
  const named = useNamed()
  const refused = useRefused()
  const take = useTake()
  const [settings, setSettings] = useState<Settings>(of.settings)
  const [busy, setBusy] = useState(false)
  const change = (part: Partial<Settings>) => setSettings((now) => ({ ...now, ...part }))
  const configure = api.useMutation('patch', '/api/imports/{import}')
  const check = api.useMutation('post', '/api/imports/{import}/check')
  const params = { path: { import: of.id } }
  const taken = new Set(Object.values(settings.columns))
  const lacking = of.targets.filter(({ key, required }) => required && !taken.has(key))
  const stops = lacking.length > 0 && settings.policy !== 'update'
  const map = (place: string, key: string) => {
    const columns = { ...settings.columns }
    if (key) columns[place] = key
    else delete columns[place]
    const left = new Set(Object.values(columns))
    const next = { ...settings, columns, keys: settings.keys.filter((each) => left.has(each)) }
    setSettings(next)
    configure.mutate({ params, body: { settings: next } }, { onSuccess: take, onError: refused })
  }
  const save = async () => {
    setBusy(true)
    try {
      await configure.mutateAsync({ params, body: { settings } })
      take(await check.mutateAsync({ params }))
      done()
    } catch (error) {
      refused(error)
    } finally {
      setBusy(false)
    }
  }
  const options = of.targets.map((target) => ({
    value: target.key,
    label: `${named(target)}${target.required ? ' *' : ''}${target.only_new ? ` · ${t('columns.onlyNew')}` : ''}`,
  }))
  return (
    <>
      {of.log && <LogCard of={of} log={of.log} />}
      {of.remembered && <Alert type="info" showIcon title={t('columns.remembered')} />}
      <section className={`${styles.table} ${styles.mapping}`}>
        <div className={styles.mapHead}>{t('columns.column')}</div>
        <div className={styles.mapHead}>{t('columns.as')}</div>
        <div className={styles.mapHead}>{t('columns.samples')}</div>
        {of.columns.map((column, place) => {
          const key = settings.columns[String(place)] ?? SKIP
          const target = of.targets.find((each) => each.key === key)
          const dated = target?.kind === 'date' || target?.kind === 'datetime'
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are, and may share a name
            <Fragment key={place}>
              <div className={styles.line} />
              <div className={styles.name}>{column.name}</div>
              <div>
                <Select
                  aria-label={t('columns.asOf', { name: column.name })}
                  showSearch={{ optionFilterProp: 'label' }}
                  value={key}
                  options={[
                    { value: SKIP, label: t('columns.skip') },
                    ...options.filter(({ value }) => value === key || !taken.has(value)),
                  ]}
                  onChange={(value: string) => map(String(place), value)}
                />
              </div>
              <div className={styles.samples}>
                {column.samples.join(' · ')}
                {dated && column.samples.some((cell) => /^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}/.test(cell)) && (
                  <div>
                    <Segmented
                      size="small"
                      aria-label={t('columns.orderOf', { name: column.name })}
                      value={settings.orders[String(place)] ?? 'mdy'}
                      options={[
                        { value: 'dmy', label: t('columns.dmy') },
                        { value: 'mdy', label: t('columns.mdy') },
                      ]}
                      onChange={(value) =>
                        change({ orders: { ...settings.orders, [String(place)]: value as 'dmy' | 'mdy' } })
                      }
                    />
                  </div>
                )}
              </div>
            </Fragment>
          )
        })}
      </section>
      <Rules of={of} settings={settings} change={change} />
      {stops && (
        <Alert
          type="warning"
          showIcon
          title={t('columns.lacking', { names: lacking.map(named).join('、') })}
        />
      )}
      <div className={styles.foot}>
        <Button type="primary" disabled={stops} loading={busy} onClick={() => void save()}>
          {t('columns.next')}
        </Button>
      </div>
      <Preview of={of} />
    </>
  )
}

function Rules({
  of,
  settings,
  change,
}: {
  of: Import
  settings: Settings
  change: (part: Partial<Settings>) => void
}) {
  const t = useImportsTexts()
  const named = useNamed()
  const { data: me } = useMe()
  const operates = me ? may(me, 'configure') : false
  const taken = new Set(Object.values(settings.columns))
  const users = api.useQuery('get', '/api/users', {}, { enabled: operates, staleTime: 10 * 60_000 })
  const pipelines = api.useQuery('get', '/api/pipelines', {}, { staleTime: 10 * 60_000 })
  const lines = new Map((pipelines.data ?? []).map(({ line }) => [line.id, line.name]))
  const owned = of.kind === 'account' || of.kind === 'lead' || of.kind === 'deal' || of.kind === 'contact'
  return (
    <section className={styles.card}>
      <h2>{t('columns.rules')}</h2>
      <div className={styles.rules}>
        <div className={styles.field}>
          <span>{t('columns.keys')}</span>
          <Select
            mode="multiple"
            aria-label={t('columns.keys')}
            placeholder={t('columns.keysHint')}
            value={settings.keys}
            options={of.targets
              .filter(({ key, matches }) => matches && taken.has(key))
              .map((target) => ({ value: target.key, label: named(target) }))}
            onChange={(keys: string[]) => change({ keys })}
          />
        </div>
        <div className={styles.field}>
          <span>{t('columns.policy')}</span>
          <Select
            aria-label={t('columns.policy')}
            value={settings.policy}
            options={(['both', 'add', 'update'] as const).map((value) => ({
              value,
              label: t(`columns.${value}`),
            }))}
            onChange={(policy: Settings['policy']) => change({ policy })}
          />
        </div>
        <div className={styles.field}>
          <span>{t('columns.twins')}</span>
          <Select
            aria-label={t('columns.twins')}
            value={settings.twins}
            options={[
              { value: 'reject', label: t('columns.reject') },
              { value: 'add', label: t('columns.take') },
            ]}
            onChange={(twins: Settings['twins']) => change({ twins })}
          />
        </div>
        {operates && owned && !taken.has('owner') && (
          <div className={styles.field}>
            <span>{t('columns.owner')}</span>
            <Select
              aria-label={t('columns.owner')}
              showSearch={{ optionFilterProp: 'label' }}
              value={settings.owner ?? 0}
              options={[
                { value: 0, label: t('columns.pool') },
                ...(users.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
              ]}
              onChange={(owner: number) => change({ owner: owner || null })}
            />
          </div>
        )}
        {operates && of.kind !== 'product' && !taken.has('line') && lines.size > 1 && (
          <div className={styles.field}>
            <span>{t('columns.line')}</span>
            <Select
              aria-label={t('columns.line')}
              value={settings.line}
              options={[...lines].map(([value, label]) => ({ value, label }))}
              onChange={(line: number) => change({ line })}
            />
          </div>
        )}
        {of.kind === 'deal' && !taken.has('pipeline') && (
          <div className={styles.field}>
            <span>{t('columns.pipeline')}</span>
            <Select
              aria-label={t('columns.pipeline')}
              value={settings.pipeline}
              options={(pipelines.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              onChange={(pipeline: number) => change({ pipeline })}
            />
          </div>
        )}
        {taken.has('account') && (
          <div className={styles.wide}>
            <Checkbox
              checked={settings.create_accounts}
              onChange={({ target }) => change({ create_accounts: target.checked })}
            >
              {t('columns.accounts')}
            </Checkbox>
          </div>
        )}
      </div>
      <div className={styles.faint}>{t('columns.empty')}</div>
    </section>
  )
}
