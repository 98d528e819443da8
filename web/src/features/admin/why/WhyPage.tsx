import { CheckOutlined, CloseOutlined } from '@ant-design/icons'
import { App, Button, Input, Segmented } from 'antd'
import { useState } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLanguage, useNamed } from '@/shared/i18n'
import { ErrorBox, Waiting } from '@/shared/states'
import { useTitle } from '@/shared/title'
import styles from '../admin.module.css'
import { PersonSelect, usePerson } from '../PersonSelect'
import { useAdminTexts } from '../texts'
import { useAddress } from '../useAddress'
import own from './Why.module.css'

type Kind = 'deal' | 'account'
const ACTIONS = ['see', 'change', 'export', 'assign', 'configure', 'administer'] as const

/** What the one rule says of somebody and a record, in sentences. The address holds the question. */
export default function WhyPage() {
  const t = useAdminTexts()
  const { search, change, number } = useAddress()
  const person = number('person')
  const kind: Kind = search.get('kind') === 'account' ? 'account' : 'deal'
  const asked = search.get('record') ?? ''
  const [record, setRecord] = useState(asked)
  useTitle(t('section.why'))
  const ready = person !== undefined && asked !== ''
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('section.why')}</h1>
      </div>
      <p className={styles.intro}>{t('why.intro')}</p>
      <form
        className={own.form}
        onSubmit={(event) => {
          event.preventDefault()
          change({ record: keyOf(record) })
        }}
      >
        <PersonSelect
          everybody
          className={own.person}
          label={t('why.person')}
          value={person}
          onChange={(chosen) => change({ person: chosen })}
        />
        <Segmented<Kind>
          aria-label={t('why.record')}
          value={kind}
          options={[
            { value: 'deal', label: t('why.deal') },
            { value: 'account', label: t('why.account') },
          ]}
          onChange={(chosen) => {
            setRecord('')
            change({ kind: chosen === 'deal' ? undefined : chosen, record: undefined })
          }}
        />
        <Input
          className={own.record}
          aria-label={t(kind === 'deal' ? 'why.dealKey' : 'why.accountKey')}
          placeholder={t(kind === 'deal' ? 'why.dealKey' : 'why.accountKey')}
          value={record}
          onChange={(event) => setRecord(event.target.value)}
        />
        <Button type="primary" htmlType="submit" disabled={person === undefined || record.trim() === ''}>
          {t('why.ask')}
        </Button>
      </form>
      {ready && <Answer key={`${person}-${kind}-${asked}`} person={person} kind={kind} record={asked} />}
    </div>
  )
}

/** Somebody may paste the link of a record: its last number is the key. */
function keyOf(text: string): string {
  return /\/(\d+)\/?(?:[?#].*)?$/.exec(text.trim())?.[1] ?? text.trim()
}

function Answer({ person, kind, record }: { person: number; kind: Kind; record: string }) {
  const t = useAdminTexts()
  const about = usePerson(person)
  const query = api.useQuery('get', '/api/permissions', {
    params: { query: { about: person, kind, record } },
  })
  if (query.error) return <ErrorBox error={query.error} />
  if (!query.data || !about) return <Waiting />
  const { key, number, name, decisions, shares } = query.data
  const label = number ?? `#${key}`
  const shown = name
    ? `${name} ${label}`
    : t('why.hidden', { kind: t(kind === 'deal' ? 'why.deal' : 'why.account'), key: label })
  return (
    <section className={own.answer} aria-live="polite">
      <h2>{t('why.about', { person: about.name, record: shown })}</h2>
      <ul>
        {decisions.map((decision) => (
          <Row key={decision.action} decision={decision} />
        ))}
      </ul>
      {shares.length > 0 && (
        <>
          <h3>{t('why.shares')}</h3>
          <ul>
            {shares.map((share) => (
              <ShareRow key={share.id} share={share} onEnded={() => void query.refetch()} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

/** A share of the record, which an administrator can end without seeing the record. */
function ShareRow({ share, onEnded }: { share: Schemas['ShareOut']; onEnded: () => void }) {
  const t = useAdminTexts()
  const f = useFormat()
  const named = useNamed()
  const { message } = App.useApp()
  const to = share.user?.name ?? share.team?.name ?? ''
  const end = api.useMutation('delete', '/api/shares/{share}', {
    onError: (error) => void message.error(named(asProblem(error))),
    onSettled: onEnded,
  })
  const until = share.ends_on ? t('why.until', { day: f.day(share.ends_on) }) : t('why.lasting')
  return (
    <li>
      <span>
        {to} · {t(share.right === 'change' ? 'why.toChange' : 'why.toSee')}
      </span>
      <span>
        {t('why.told', { who: share.shared_by || t('audit.itself'), day: f.day(share.shared_at), until })}
        {share.may_end && (
          <Button
            type="link"
            size="small"
            loading={end.isPending}
            onClick={() => end.mutate({ params: { path: { share: share.id } } })}
          >
            {t('why.end')}
          </Button>
        )}
      </span>
    </li>
  )
}

function Row({ decision }: { decision: Schemas['DecisionOut'] }) {
  const t = useAdminTexts()
  const named = useNamed()
  const language = useLanguage()
  const known = ACTIONS.find((one) => one === decision.action)
  const what = known ? t(`action.${known}`) : decision.action
  return (
    <li>
      <span className={decision.allowed ? own.yes : own.no}>
        {decision.allowed ? <CheckOutlined aria-hidden /> : <CloseOutlined aria-hidden />}
        {t(decision.allowed ? 'why.may' : 'why.mayNot', { what })}
      </span>
      <span lang={language === 'zh' ? 'zh-CN' : 'en'}>{named(decision)}</span>
    </li>
  )
}
