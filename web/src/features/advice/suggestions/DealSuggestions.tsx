import { Button } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Chip } from '@/features/crm/Chip'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { useNarrow } from '@/shared/useNarrow'
import { LoadedCard } from '../LoadedCard'
import { Dismiss } from './Dismiss'
import { keyOf, keyOfAccount, OF_ACCOUNT, OF_DEAL, type Suggestion, useAction, useDecide } from './data'
import styles from './Suggestions.module.css'
import { useSuggestionTexts } from './texts'
import { usePerform } from './usePerform'

const WhyPanel = lazy(() => import('@/features/interest/WhyPanel'))

/** Milliseconds: what is suggested need not be there as soon as what happened. */
const EVERY = 2_000

type Show = (title: string, entries: number[]) => void
interface Named {
  id: number
  name: string
}

/** What is suggested for a deal, with reasons that lead to what they rest on. Nothing to say, nothing to see. */
export function DealSuggestions({
  deal,
  mayChange,
  onShow,
}: {
  deal: Named & { account: Named }
  mayChange: boolean
  onShow: Show
}) {
  const t = useSuggestionTexts()
  const query = api.useQuery('get', OF_DEAL, { params: { path: { deal: deal.id } } })
  useLive([['deal_suggestions', deal.id]], [keyOf(deal.id)], EVERY)
  return (
    <LoadedCard title={t('block')} query={query}>
      {(found) => (
        <List suggestions={found} deal={deal} account={deal.account} mayChange={mayChange} onShow={onShow} />
      )}
    </LoadedCard>
  )
}

/** What is suggested for an account as a whole; what is for its deals stands on their pages. */
export function AccountSuggestions({ account, mayChange }: { account: Named; mayChange: boolean }) {
  const t = useSuggestionTexts()
  const query = api.useQuery('get', OF_ACCOUNT, { params: { path: { account: account.id } } })
  useLive([['account', account.id]], [keyOfAccount(account.id)], EVERY)
  return (
    <LoadedCard title={t('block')} query={query}>
      {(found) => (
        <List
          suggestions={found.filter(({ deal }) => deal === null)}
          account={account}
          mayChange={mayChange}
        />
      )}
    </LoadedCard>
  )
}

function List({
  suggestions,
  deal,
  account,
  mayChange,
  onShow,
}: {
  suggestions: readonly Suggestion[]
  deal?: Named
  account: Named
  mayChange: boolean
  onShow?: Show
}) {
  const t = useSuggestionTexts()
  const decide = useDecide()
  const { perform, dialog } = usePerform(decide)
  const narrow = useNarrow()
  const [topic, setTopic] = useState<number | null>(null)
  const shown = suggestions.filter(({ id }) => !decide.gone.has(id))
  if (shown.length === 0) return null
  return (
    <section className={styles.card} aria-labelledby="suggestions">
      <header className={styles.head}>
        <h2 id="suggestions">{t('block')}</h2>
        <span>{shown.length}</span>
      </header>
      <ul className={styles.list}>
        {shown.map((each) => (
          <li key={each.id} className={styles.row}>
            <Row suggestion={each} onShow={onShow} onTopic={setTopic} />
            {mayChange && (
              <div className={styles.acts}>
                <Button
                  size="small"
                  type="primary"
                  ghost
                  aria-label={t('acceptOf', { what: t(`action.${each.action}`) })}
                  onClick={() => perform(each)}
                >
                  {t(`action.${each.action}`)}
                </Button>
                <Dismiss suggestion={each} deal={deal} decide={decide} />
              </div>
            )}
          </li>
        ))}
      </ul>
      {dialog}
      {topic !== null && (
        <Suspense fallback={null}>
          <WhyPanel
            key={topic}
            account={account}
            topic={topic}
            beside={!narrow}
            close={() => setTopic(null)}
          />
        </Suspense>
      )}
    </section>
  )
}

function Row({
  suggestion,
  onShow,
  onTopic,
}: {
  suggestion: Suggestion
  onShow?: Show
  onTopic: (topic: number) => void
}) {
  const t = useSuggestionTexts()
  const f = useFormat()
  const named = useNamed()
  const actionOf = useAction()
  return (
    <>
      <div className={styles.what}>{actionOf(suggestion)}</div>
      <div className={styles.reasons}>
        {suggestion.reasons.map((reason) =>
          (onShow && reason.entries.length > 0) || reason.topics.length > 0 ? (
            <button
              key={reason.code}
              type="button"
              className={styles.evidence}
              title={t('evidence', { what: named(reason) })}
              onClick={() => {
                const [topic] = reason.topics
                if (topic !== undefined) onTopic(topic)
                else onShow?.(named(reason), reason.entries)
              }}
            >
              <Chip kind={reason.tone}>{named(reason)}</Chip>
            </button>
          ) : (
            <Chip key={reason.code} kind={reason.tone}>
              {named(reason)}
            </Chip>
          ),
        )}
      </div>
      <div className={styles.meta}>
        {named({ zh: suggestion.trigger.name, en: suggestion.trigger_en })} ·{' '}
        {t('due', { day: f.day(suggestion.expires_at) })}
      </div>
    </>
  )
}
