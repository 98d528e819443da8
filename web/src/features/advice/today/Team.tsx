import { Button, Dropdown } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '@/shared/api'
import { type Group, type Suggestion, useAction, type useDecide, useMutes } from '../suggestions/data'
import { useSuggestionTexts } from '../suggestions/texts'
import { Chance, Names, One } from './parts'
import styles from './Today.module.css'

type OfSeller = Schemas['SellerSuggestions']
type Mute = ReturnType<typeof useDecide>['mute']

const FIRST = 2

/** What stands for whom one leads, by whose it is: to be seen here; decided by them, or on the deal's page. */
export function Team({ team, mute }: { team: readonly OfSeller[]; mute: Mute }) {
  const t = useSuggestionTexts()
  return (
    <section className={styles.card} aria-labelledby="team">
      <header className={styles.teamHead}>
        <h2 id="team">{t('team.title')}</h2>
        <span className={styles.faint}>{t('team.about')}</span>
      </header>
      {team.map((each) => (
        <Seller key={each.seller.id} of={each} mute={mute} />
      ))}
    </section>
  )
}

function Seller({ of: { seller, groups }, mute }: { of: OfSeller; mute: Mute }) {
  const t = useSuggestionTexts()
  const [all, setAll] = useState(false)
  const rest = groups.length - FIRST
  return (
    <section className={styles.seller} aria-label={seller.name}>
      <h3>
        {seller.name} <small className={styles.faint}>{t('team.count', { count: groups.length })}</small>
      </h3>
      <ul className={styles.list}>
        {(all ? groups : groups.slice(0, FIRST)).map((group) => (
          <Row key={`${group.account.id}-${group.deal?.id}`} group={group} mute={mute} />
        ))}
      </ul>
      {rest > 0 && (
        <button type="button" className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('less') : t('team.more', { count: rest })}
        </button>
      )}
    </section>
  )
}

function Row({ group, mute }: { group: Group; mute: Mute }) {
  const t = useSuggestionTexts()
  const { deal, suggestions, may_change } = group
  const [first] = suggestions
  if (!first) return null
  return (
    <li className={styles.teamRow}>
      <div className={styles.about}>
        <Names group={group} />
        {suggestions.map((each) => (
          <One key={each.id} suggestion={each} />
        ))}
      </div>
      <Chance group={group} first={first} />
      <div className={styles.acts}>
        {deal && may_change && (
          <Link to={`/deals/${deal.id}?tab=notes`} aria-label={t('team.noteOf', { name: deal.name })}>
            {t('team.note')}
          </Link>
        )}
        <Quiet deal={deal} first={first} mute={mute} />
      </div>
    </li>
  )
}

/** What not to hear of: of the deal, or of this kind. It is one's own; who has the deal still hears of it. */
function Quiet({ deal, first, mute }: { deal: Group['deal']; first: Suggestion; mute: Mute }) {
  const t = useSuggestionTexts()
  const actionOf = useAction()
  return (
    <Dropdown trigger={['click']} menu={{ items: useMutes(first, deal, mute) }}>
      <Button size="small" type="text" aria-label={t('team.muteOf', { what: actionOf(first) })}>
        {t('team.mute')}
      </Button>
    </Dropdown>
  )
}
