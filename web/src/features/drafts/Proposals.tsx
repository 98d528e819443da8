import { Button, Dropdown } from 'antd'
import { lazy, memo, type ReactNode, Suspense, useRef, useState } from 'react'
import { Link } from 'react-router'
import { useDealTexts } from '@/features/crm/texts'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { BEHIND, useLive } from '@/shared/live'
import { keyOf, MINE, OF_DEAL, type Proposal, type Role, useDecide, useSaying } from './data'
import styles from './Proposals.module.css'
import { useDraftsTexts } from './texts'
import { onRowKey, useGoTo } from './useProposalKeys'

const AskDialog = lazy(() => import('./AskDialog'))

/** Milliseconds: what is proposed need not be there as soon as what happened. */
const EVERY = 2_000
const ROLES: Role[] = ['economic_buyer', 'champion', 'technical', 'user', 'blocker']

/** What is proposed for a deal, and when somebody last did something about it. Nothing to say, nothing to see. */
export const DealProposals = memo(function DealProposals({
  deal,
  onShow,
}: {
  deal: number
  onShow: (title: string, entries: number[]) => void
}) {
  const t = useDraftsTexts()
  const f = useFormat()
  const named = useNamed()
  const { data } = api.useQuery('get', OF_DEAL, { params: { path: { deal } } })
  useLive([['deal', deal]], [keyOf(deal)], EVERY, BEHIND)
  if (!data) return null
  const touch = data.last_touch
  return (
    <>
      <List proposals={data.items} onShow={onShow} />
      {touch && (
        <p className={styles.touch}>
          <button
            type="button"
            className={styles.link}
            onClick={() =>
              onShow(t('touch', { kind: named(touch), when: f.moment(touch.at) }), [touch.entry])
            }
          >
            {t('touch', { kind: named(touch), when: f.relative(touch.at) })}
          </button>
        </p>
      )}
    </>
  )
})

/** What is proposed for one's own deals. */
export function MyProposals() {
  const { data } = api.useQuery('get', '/api/proposals')
  useLive([['deals', 0]], [MINE], EVERY)
  return data ? <List proposals={data} /> : null
}

function List({
  proposals,
  onShow,
}: {
  proposals: Proposal[]
  onShow?: (title: string, entries: number[]) => void
}) {
  const t = useDraftsTexts()
  const list = useRef<HTMLUListElement>(null)
  const { decide, gone, asking, giveUp } = useDecide()
  useGoTo(list)
  const shown = proposals.filter(({ mark }) => !gone.has(mark))
  return (
    <>
      {shown.length > 0 && (
        <section className={styles.card} aria-labelledby="proposals">
          <header className={styles.head}>
            <h2 id="proposals">{t('title')}</h2>
            <span>{shown.length}</span>
            <span className={styles.keys} title={t('go')}>
              {t('keys')}
            </span>
          </header>
          <ul ref={list} className={styles.list}>
            {shown.map((proposal) => (
              <Row key={proposal.mark} proposal={proposal} onShow={onShow} decide={decide} />
            ))}
          </ul>
        </section>
      )}
      {asking && (
        <Suspense fallback={null}>
          <AskDialog asking={asking} confirm={(proposal) => decide(proposal, 'confirm')} giveUp={giveUp} />
        </Suspense>
      )}
    </>
  )
}

function Row({
  proposal,
  onShow,
  decide,
}: {
  proposal: Proposal
  onShow?: (title: string, entries: number[]) => void
  decide: ReturnType<typeof useDecide>['decide']
}) {
  const t = useDraftsTexts()
  const deals = useDealTexts()
  const f = useFormat()
  const named = useNamed()
  const say = useSaying()
  const [role, setRole] = useState(proposal.role)
  const { habit, person, deal, account } = proposal
  const what = say(proposal)
  const confirm = () => void decide(proposal, 'confirm', role ?? undefined)
  const refuse = () => void decide(proposal, 'refuse')
  const notes = [person?.title, person?.email, proposal.due_on && t('due', { day: f.day(proposal.due_on) })]
  const evidence = (each: Proposal['evidence'][number]): ReactNode => {
    const text = [named(each), each.title, f.moment(each.at)].filter(Boolean).join(' · ')
    const label = t('show', { kind: named(each), when: f.moment(each.at) })
    return onShow ? (
      <button
        type="button"
        className={styles.link}
        aria-label={label}
        onClick={() => onShow(what, [each.entry])}
      >
        {text}
      </button>
    ) : (
      <Link to={`/deals/${deal.id}`} aria-label={label}>
        {text}
      </Link>
    )
  }
  return (
    <li
      className={styles.row}
      data-row
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a row is walked to and decided with one key
      tabIndex={0}
      aria-label={what}
      onKeyDown={(event) => onRowKey(event, { confirm, refuse })}
    >
      <div className={styles.what}>
        {what}
        {notes.filter(Boolean).map((note) => (
          <small key={note}>{note}</small>
        ))}
      </div>
      {!onShow && (
        <div className={styles.why}>
          <Link to={`/deals/${deal.id}`}>{deal.name}</Link> · {account.name}
        </div>
      )}
      <div className={styles.why}>
        {t(`why.${proposal.why}`, {
          cases: f.number(habit?.cases),
          reached: f.number(habit?.reached),
          days: habit?.days,
          kind: proposal.evidence[0] ? named(proposal.evidence[0]) : '',
          share: f.percent(habit && habit.reached / habit.cases),
        })}
      </div>
      {proposal.evidence.map((each) => (
        <div key={each.entry} className={styles.why}>
          {each.quote && <div className={styles.quote}>{t('quoted', { text: each.quote })}</div>}
          {evidence(each)}
        </div>
      ))}
      <div className={styles.acts}>
        {role && (
          <Dropdown
            trigger={['click']}
            menu={{
              selectedKeys: [role],
              items: ROLES.map((key) => ({ key, label: deals(`role.${key}`) })),
              onClick: ({ key }) => setRole(key as Role),
            }}
          >
            <Button size="small" aria-label={`${t('role')}：${deals(`role.${role}`)}`}>
              {deals(`role.${role}`)}
            </Button>
          </Dropdown>
        )}
        <Button size="small" type="primary" ghost aria-label={t('confirmOf', { what })} onClick={confirm}>
          {t('confirm')}
        </Button>
        <Button size="small" type="text" aria-label={t('refuseOf', { what })} onClick={refuse}>
          {t('refuse')}
        </Button>
      </div>
    </li>
  )
}
