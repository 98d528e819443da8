import { Link } from 'react-router'
import { Chip } from '@/features/crm/Chip'
import { Change } from '@/features/forecast/Change'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { type Group, type Suggestion, useAction } from '../suggestions/data'
import { useSuggestionTexts } from '../suggestions/texts'
import styles from './Today.module.css'

const REASONS = 3

/** What a row is about: the account, the deal and what it is worth. */
export function Names({ group: { account, deal, amount, currency } }: { group: Group }) {
  const t = useSuggestionTexts()
  const f = useFormat()
  return (
    <div className={styles.names}>
      <Link to={deal ? `/deals/${deal.id}` : `/accounts/${account.id}`}>{account.name}</Link>
      <span>{deal ? deal.name : t('account')}</span>
      {amount !== null && <span>{f.money(amount, currency ?? undefined)}</span>}
    </div>
  )
}

/** One suggestion: why, and what to do. */
export function One({ suggestion }: { suggestion: Suggestion }) {
  const named = useNamed()
  const actionOf = useAction()
  return (
    <>
      <div className={styles.reasons}>
        {suggestion.reasons.slice(0, REASONS).map((reason) => (
          <Chip key={reason.code} kind={reason.tone}>
            {named(reason)}
          </Chip>
        ))}
      </div>
      <div className={styles.what}>{actionOf(suggestion)}</div>
    </>
  )
}

/** How the deal stands, and until when what is said first is good. */
export function Chance({ group, first }: { group: Group; first: Suggestion }) {
  const t = useSuggestionTexts()
  const f = useFormat()
  return (
    <div className={styles.chance}>
      {group.p_won !== null && <b>{f.percent(group.p_won)}</b>}
      <Change value={group.change_7d} />
      <small>{t('due', { day: f.day(first.expires_at) })}</small>
    </div>
  )
}
