import { DownOutlined } from '@ant-design/icons'
import { Button, Dropdown } from 'antd'
import { memo, useState } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { BEHIND, useLive } from '@/shared/live'
import styles from './DealContent.module.css'
import { keyOfContent, useContacts } from './data'
import { LoadedCard } from './LoadedCard'
import { useAdviceTexts } from './texts'
import { useSend } from './useSend'

type Advised = Schemas['AdvisedOut']

/** Milliseconds: what fits need not be there as soon as what happened. */
const EVERY = 2_000
const NOBODY = 'nobody'

/** What fits a deal, with the reasons, and what was sent in it. Nothing to say, nothing to see. */
export const DealContent = memo(function DealContent({ deal }: { deal: number }) {
  const t = useAdviceTexts()
  const query = api.useQuery('get', '/api/deals/{deal}/content', { params: { path: { deal } } })
  useLive(
    [
      ['deal', deal],
      ['assets', 0],
      ['deal_suggestions', deal],
    ],
    [keyOfContent(deal)],
    EVERY,
    BEHIND,
  )
  return (
    <LoadedCard title={t('deal.title')} query={query}>
      {(content) => <Content deal={deal} content={content} />}
    </LoadedCard>
  )
})

function Content({ deal, content }: { deal: number; content: Schemas['DealContent'] }) {
  const t = useAdviceTexts()
  const { contacts } = useContacts(deal)
  const [shown, setShown] = useState(false)
  const best = content.may_send ? content.best : []
  if (best.length + content.sent.length === 0) return null
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
      {content.sent.length > 0 && (
        <button
          type="button"
          className={styles.more}
          aria-expanded={shown}
          onClick={() => setShown((now) => !now)}
        >
          {t('deal.sent', { count: content.sent.length })} {shown ? '▴' : '▾'}
        </button>
      )}
      {shown && (
        <ul className={styles.list}>
          {content.sent.map((each) => (
            <SentRow key={each.id} sent={each} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Row({
  deal,
  advised: { asset, reasons, contact, suggestion },
  contacts,
}: {
  deal: number
  advised: Advised
  contacts: readonly Schemas['Reference'][]
}) {
  const t = useAdviceTexts()
  const named = useNamed()
  const [picked, setPicked] = useState<number | null | undefined>()
  const to = picked === undefined ? (contact?.id ?? null) : picked
  const name = contacts.find(({ id }) => id === to)?.name ?? (to === contact?.id ? contact?.name : undefined)
  const label = name ? t('deal.for', { name }) : t('deal.nobody')
  const send = useSend(deal)
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
          onClick={() =>
            send.mutate({ params: { path: { deal } }, body: { asset: asset.id, contact: to, suggestion } })
          }
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
