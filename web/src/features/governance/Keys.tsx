import { App, Button } from 'antd'
import { useState } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { type Collecting, nameOf, useAfter } from './data'
import styles from './Governance.module.css'
import { NewKey } from './NewKey'
import { Snippet } from './Snippet'
import { useGovernanceTexts } from './texts'

type Key = Schemas['IntakeKeyOut']

/** The keys under which sites and servers bring signals, and whether any come. */
export function Keys({ collecting }: { collecting: Collecting }) {
  const t = useGovernanceTexts()
  const { data: me } = useMe()
  const query = api.useQuery('get', '/api/intake-keys')
  const [making, setMaking] = useState(false)
  const [shown, setShown] = useState<Key>()
  const may = me && (me.scopes.configure === 'all' || me.scopes.administer === 'all')
  const make = may && (
    <Button type="primary" onClick={() => setMaking(true)}>
      {t('keys.new')}
    </Button>
  )
  return (
    <section className={styles.part} aria-labelledby="keys">
      <div className={styles.head}>
        <h2 id="keys">{t('tab.keys')}</h2>
        <div className={styles.actions}>{make}</div>
      </div>
      <p className={styles.faint}>{t('keys.intro')}</p>
      <Loaded query={query}>
        {(keys) =>
          keys.length === 0 ? (
            <Empty why={t('keys.none')} />
          ) : (
            <div>
              {keys.map((key) => (
                <Row
                  key={key.id}
                  of={key}
                  collecting={collecting}
                  may={Boolean(may)}
                  show={() => setShown(key)}
                />
              ))}
            </div>
          )
        }
      </Loaded>
      {making && <NewKey collecting={collecting} close={() => setMaking(false)} />}
      {shown && (
        <Snippet name={shown.name} id={shown.id} token={shown.shown} close={() => setShown(undefined)} />
      )}
    </section>
  )
}

function Row({
  of,
  collecting,
  may,
  show,
}: {
  of: Key
  collecting: Collecting
  may: boolean
  show: () => void
}) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const format = useFormat()
  const { modal } = App.useApp()
  const { fail, say, again } = useAfter()
  const revoke = api.useMutation('delete', '/api/intake-keys/{intake_key}', {
    onSuccess: () => say(t('keys.revokeDone')),
    onError: fail,
    onSettled: again,
  })
  const sources = of.sources.map((key) => nameOf(key, collecting, named))
  return (
    <div className={styles.key}>
      <div className={styles.grow}>
        <span>
          <strong>{of.name}</strong> <span className={styles.chip}>{t(`keys.kind.${of.kind}`)}</span>{' '}
          {of.revoked_at && <span className={`${styles.chip} ${styles.bad}`}>{t('keys.revoked')}</span>}
        </span>
        <span className={styles.faint}>
          {[...sources, ...of.origins].join(' · ')} ·{' '}
          <code>{of.kind === 'server' ? `${of.shown}…` : of.shown}</code>
        </span>
      </div>
      <span className={styles.faint}>
        {of.count > 0
          ? `${t('keys.day', { count: of.count })} · ${t('keys.last', { at: format.moment(of.last_at) })}`
          : t('keys.never')}
      </span>
      {of.kind === 'browser' && !of.revoked_at && <Button onClick={show}>{t('keys.snippet')}</Button>}
      {may && !of.revoked_at && (
        <Button
          danger
          type="text"
          onClick={() =>
            modal.confirm({
              title: `${t('keys.revoke')}: ${of.name}`,
              content: t('keys.revokeSure'),
              okText: t('keys.revoke'),
              cancelText: t('form.cancel'),
              okButtonProps: { danger: true },
              onOk: () =>
                revoke.mutateAsync({ params: { path: { intake_key: of.id } } }).catch(() => undefined),
            })
          }
        >
          {t('keys.revoke')}
        </Button>
      )}
    </div>
  )
}
