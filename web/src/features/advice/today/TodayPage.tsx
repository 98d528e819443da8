import { Button } from 'antd'
import dayjs from 'dayjs'
import { Fragment, useEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import { isTyping } from '@/app/keys'
import { TaskRows } from '@/features/record/TaskList'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLanguage, useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { Dismiss } from '../suggestions/Dismiss'
import { type Group, MINE, type Suggestion, useAction, useDecide } from '../suggestions/data'
import { useSuggestionTexts } from '../suggestions/texts'
import { usePerform } from '../suggestions/usePerform'
import { Chance, Names, One } from './parts'
import { Quarter } from './Quarter'
import { Team } from './Team'
import styles from './Today.module.css'

type Today = Schemas['TodayOut']

/** Milliseconds: many deals may be judged at once. */
const EVERY = 2_000

/** What to do today, what matters most first; beside it what is due, and how the quarter stands. */
export default function TodayPage() {
  const t = useSuggestionTexts()
  const { data: me } = useMe()
  useTitle(t('today'))
  const query = api.useQuery('get', '/api/suggestions')
  useLive(me ? [['suggestions', me.id]] : [], [MINE], EVERY)
  return (
    <div className={styles.page}>
      <Loaded query={query}>{(today) => <Rows today={today} />}</Loaded>
      <aside className={styles.side}>
        <DueTasks />
        {me && <Quarter me={me} />}
      </aside>
    </div>
  )
}

function Rows({ today }: { today: Today }) {
  const t = useSuggestionTexts()
  const f = useFormat()
  const language = useLanguage()
  const decide = useDecide()
  const list = useRef<HTMLOListElement>(null)
  const groups = today.groups
    .map((group) => ({
      ...group,
      suggestions: group.suggestions.filter(({ id }) => !decide.gone.has(id)),
    }))
    .filter(({ suggestions }) => suggestions.length > 0)
  const { perform, dialog } = usePerform(decide)
  const act = (place: number, key: string) => {
    const group = groups[place]
    const first = group?.suggestions[0]
    if (!group?.may_change || !first) return
    if (key === 'e') perform(first)
    else void decide.dismiss(first, 'not_now')
  }
  useRowKeys(list, act)
  const date = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-US', {
    month: 'long',
    day: 'numeric',
    weekday: 'short',
  }).format(new Date())
  return (
    <div className={styles.main}>
      <header className={styles.head}>
        <h1>{t('today')}</h1>
        <span role="status">
          {[
            date,
            groups.length > 0 && t('todo', { count: groups.length }),
            Number(today.weighted) > 0 && t('worth', { amount: f.money(today.weighted, today.currency) }),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </header>
      <section className={styles.card} aria-label={t('block')}>
        {groups.length === 0 ? (
          <Empty why={t('none')} action={<Link to="/tasks">{t('toTasks')}</Link>} />
        ) : (
          <ol ref={list} className={styles.list}>
            {groups.map((group, place) => (
              <Row
                key={`${group.account.id}-${group.deal?.id}`}
                group={group}
                place={place}
                decide={decide}
                perform={perform}
              />
            ))}
          </ol>
        )}
        <footer className={styles.foot}>
          <span>{t('counts', { accepted: today.accepted, dismissed: today.dismissed })}</span>
          {groups.length > 0 && (
            <span className={styles.keys}>
              <kbd>J</kbd> <kbd>K</kbd> {t('keys.walk')} <kbd>E</kbd> {t('keys.do')} <kbd>S</kbd>{' '}
              {t('keys.later')}
            </span>
          )}
        </footer>
      </section>
      {today.team.length > 0 && <Team team={today.team} mute={decide.mute} />}
      {today.mutes.length > 0 && <Mutes mutes={today.mutes} unmute={decide.mute} />}
      {dialog}
    </div>
  )
}

function Row({
  group,
  place,
  decide,
  perform,
}: {
  group: Group
  place: number
  decide: ReturnType<typeof useDecide>
  perform: (suggestion: Suggestion) => void
}) {
  const t = useSuggestionTexts()
  const [all, setAll] = useState(false)
  const [first, ...others] = group.suggestions
  if (!first) return null
  return (
    <li
      className={styles.row}
      data-row
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a row is walked to and decided with one key
      tabIndex={0}
    >
      <span className={styles.rank} aria-hidden="true">
        {place + 1}
      </span>
      <div className={styles.about}>
        <Names group={group} />
        <One suggestion={first} />
        {all &&
          others.map((each) => (
            <Fragment key={each.id}>
              <One suggestion={each} />
              {group.may_change && <Acts group={group} suggestion={each} decide={decide} perform={perform} />}
            </Fragment>
          ))}
        {others.length > 0 && (
          <button type="button" className={styles.more} aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? t('less') : t('more', { count: others.length })}
          </button>
        )}
      </div>
      <Chance group={group} first={first} />
      {group.may_change && (
        <Acts group={group} suggestion={first} decide={decide} perform={perform} filled={place === 0} />
      )}
    </li>
  )
}

function Acts({
  group,
  suggestion,
  decide,
  perform,
  filled = false,
}: {
  group: Group
  suggestion: Suggestion
  decide: ReturnType<typeof useDecide>
  perform: (suggestion: Suggestion) => void
  filled?: boolean
}) {
  const t = useSuggestionTexts()
  const actionOf = useAction()
  return (
    <div className={styles.acts}>
      <Button
        size="small"
        type={filled ? 'primary' : 'default'}
        aria-label={t('acceptOf', { what: actionOf(suggestion) })}
        onClick={() => perform(suggestion)}
      >
        {t(`action.${suggestion.action}`)}
      </Button>
      <Dismiss suggestion={suggestion} deal={group.deal} decide={decide} />
    </div>
  )
}

function Mutes({ mutes, unmute }: { mutes: Today['mutes']; unmute: ReturnType<typeof useDecide>['mute'] }) {
  const t = useSuggestionTexts()
  const f = useFormat()
  const named = useNamed()
  const [shown, setShown] = useState(false)
  return (
    <section className={styles.mutes}>
      <button type="button" className={styles.more} aria-expanded={shown} onClick={() => setShown(!shown)}>
        {t('mutes', { count: mutes.length })}
      </button>
      {shown && (
        <ul>
          {mutes.map(({ trigger, trigger_en, deal, until, learned }) => {
            const name = trigger ? named({ zh: trigger.name, en: trigger_en }) : (deal?.name ?? '')
            return (
              <li key={trigger ? `t${trigger.id}` : `d${deal?.id}`}>
                {name}
                {until && <small>{t('until', { day: f.day(until) })}</small>}
                {learned && <small>{t('learned')}</small>}
                <Button
                  size="small"
                  type="link"
                  aria-label={t('unmuteOf', { name })}
                  onClick={() =>
                    void unmute(trigger ? { trigger: trigger.id } : { deal: deal?.id }, name, false)
                  }
                >
                  {t('unmute')}
                </Button>
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}

function DueTasks() {
  const t = useSuggestionTexts()
  const { data: me } = useMe()
  useLive(me ? [['tasks', me.id]] : [], [['get', '/api/tasks']])
  const query = api.useQuery('get', '/api/tasks', { params: { query: { done: false } } })
  const today = dayjs().format('YYYY-MM-DD')
  const due = (query.data ?? []).filter(({ due_on }) => due_on !== null && due_on <= today)
  return (
    <section className={styles.sideCard} aria-labelledby="due">
      <h2 id="due">
        <Link to="/tasks">{t('tasks')}</Link>
        {due.length > 0 && <small>{due.length}</small>}
      </h2>
      <Loaded query={query}>
        {() =>
          due.length > 0 ? (
            <TaskRows tasks={due.slice(0, 8)} editable />
          ) : (
            <p className={styles.faint}>{t('noTasks')}</p>
          )
        }
      </Loaded>
    </section>
  )
}

/** J and K walk, E does what the row says first, S lays it aside: from anywhere on the page. */
function useRowKeys(
  list: React.RefObject<HTMLOListElement | null>,
  act: (place: number, key: string) => void,
): void {
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    // G leads to another page with the next key, which is then no command here.
    let led = 0
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target))
        return
      if (document.querySelector('[role="dialog"]')) return
      const key = event.key.toLowerCase()
      if (key === 'g') {
        led = Date.now()
        return
      }
      if (Date.now() - led < 1_200) return
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
      const here = rows.findIndex((row) => row.contains(document.activeElement))
      if (key === 'j' || key === 'k') {
        event.preventDefault()
        const next = Math.max(0, Math.min(rows.length - 1, here + (key === 'j' ? 1 : -1)))
        rows[next]?.focus()
        rows[next]?.scrollIntoView({ block: 'nearest' })
      } else if ((key === 'e' || key === 's') && here >= 0) {
        event.preventDefault()
        if (event.repeat) return // held down, it would decide the whole list
        const next = rows[here + 1] ?? rows[here - 1]
        next?.focus() // for the row goes
        latest.current(here, key)
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [list])
}
