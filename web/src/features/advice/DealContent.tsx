import { DownOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Dropdown } from 'antd'
import { useState } from 'react'
import { keysOf } from '@/features/crm/useDeal'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import styles from './DealContent.module.css'
import { keyOfContent } from './data'
import { useAdviceTexts } from './texts'

type Advised = Schemas['AdvisedOut']

/** Milliseconds: what fits need not be there as soon as what happened. */
const EVERY = 2_000
const NOBODY = 'nobody'

/** What fits a deal, with the reasons, and what was sent in it. Nothing to say, nothing to see. */
export function DealContent({ deal }: { deal: number }) {
  const t = useAdviceTexts()
  const params = { path: { deal } }
  const { data } = api.useQuery('get', '/api/deals/{deal}/content', { params })
  const people = api.useQuery('get', '/api/deals/{deal}/people', { params }).data
  const [shown, setShown] = useState(false)
  useLive(
    [
      ['deal', deal],
      ['assets', 0],
    ],
    [keyOfContent(deal)],
    EVERY,
  )
  if (!data) return null
  const best = data.may_send ? data.best : []
  if (best.length + data.sent.length === 0) return null
  const contacts = (people?.contacts ?? [])
    .filter(({ contact }) => !contact.left_at)
    .map(({ contact }) => contact)
  return (
    <section className={styles.card} aria-labelledby="content">
      <h2 id="content">{t(best.length > 0 ? 'deal.title' : 'deal.sentTitle')}</h2>
      {best.length > 0 && (
        <ul className={styles.list}>
          {best.map((each) => (
            <Row key={each.asset.id} deal={deal} advised={each} contacts={contacts} />
          ))}
        </ul>
      )}
      {data.sent.length > 0 && (
        <button
          type="button"
          className={styles.more}
          aria-expanded={shown}
          onClick={() => setShown((now) => !now)}
        >
          {t('deal.sent', { count: data.sent.length })} {shown ? '▴' : '▾'}
        </button>
      )}
      {shown && (
        <ul className={styles.list}>
          {data.sent.map((each) => (
            <SentRow key={each.id} sent={each} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Row({
  deal,
  advised: { asset, reasons, contact },
  contacts,
}: {
  deal: number
  advised: Advised
  contacts: readonly Schemas['Reference'][]
}) {
  const t = useAdviceTexts()
  const named = useNamed()
  const queries = useQueryClient()
  const { message, modal } = App.useApp()
  const [picked, setPicked] = useState<number | null | undefined>()
  const to = picked === undefined ? (contact?.id ?? null) : picked
  const name = contacts.find(({ id }) => id === to)?.name ?? (to === contact?.id ? contact?.name : undefined)
  const label = name ? t('deal.for', { name }) : t('deal.nobody')
  const send = api.useMutation('post', '/api/deals/{deal}/content', {
    onSuccess: async ({ text }) => {
      for (const queryKey of [keyOfContent(deal), ...keysOf(deal)])
        void queries.invalidateQueries({ queryKey })
      try {
        await navigator.clipboard.writeText(text)
        message.success(t('deal.copied'))
      } catch {
        // Without TLS a browser has no clipboard for pages.
        modal.info({
          title: t('deal.byHand'),
          content: <p className={styles.text}>{text}</p>,
          okText: t('deal.done'),
        })
      }
    },
    onError: (error) => message.error(named(asProblem(error))),
  })
  return (
    <li className={styles.row}>
      <a href={asset.url} target="_blank" rel="noreferrer" title={asset.summary || undefined}>
        {asset.title}
      </a>
      <span className={styles.why}>{reasons.map((reason) => named(reason)).join(' · ')}</span>
      <div className={styles.acts}>
        <Dropdown
          trigger={['click']}
          menu={{
            selectedKeys: [String(to ?? NOBODY)],
            items: [
              ...contacts.map(({ id, name }) => ({ key: String(id), label: name })),
              { key: NOBODY, label: t('deal.nobody') },
            ],
            onClick: ({ key }) => setPicked(key === NOBODY ? null : Number(key)),
          }}
        >
          <Button size="small" aria-label={t('deal.who', { title: asset.title, name: label })}>
            {label} <DownOutlined aria-hidden className={styles.down} />
          </Button>
        </Dropdown>
        <Button
          size="small"
          type="primary"
          ghost
          loading={send.isPending}
          aria-label={t('deal.copyOf', { title: asset.title })}
          onClick={() => send.mutate({ params: { path: { deal } }, body: { asset: asset.id, contact: to } })}
        >
          {t('deal.copy')}
        </Button>
      </div>
    </li>
  )
}

function SentRow({ sent }: { sent: Schemas['ContentSent'] }) {
  const t = useAdviceTexts()
  const f = useFormat()
  const values = { when: f.day(sent.at), by: sent.by.name }
  return (
    <li className={styles.row}>
      <a href={sent.asset.url} target="_blank" rel="noreferrer">
        {sent.asset.title}
      </a>
      <span className={styles.why}>
        {sent.contact ? t('deal.sentTo', { ...values, to: sent.contact.name }) : t('deal.sentRow', values)}
        {' · '}
        {sent.opened_at ? (
          <span className={styles.ok}>{t('deal.opened', { when: f.relative(sent.opened_at) })}</span>
        ) : (
          t('deal.unopened')
        )}
      </span>
    </li>
  )
}
