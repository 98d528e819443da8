import { Button, Collapse, Skeleton } from 'antd'
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react'
import { Link, useParams } from 'react-router'
import { Drivers, driverId } from '@/features/forecast/deal/Drivers'
import type { Step } from '@/features/forecast/deal/steps'
import { WhatIf } from '@/features/forecast/deal/WhatIf'
import { WinCard } from '@/features/forecast/deal/WinCard'
import type { Driver } from '@/features/forecast/types'
import { DealFacts, DealTabs } from '@/features/record/DealTabs'
import { useRecordLive } from '@/features/record/data'
import type { Tag } from '@/features/timeline/EntryItem'
import { type Focus, Timeline } from '@/features/timeline/Timeline'
import { api, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLanguage, useNamed } from '@/shared/i18n'
import { usePrefs } from '@/shared/prefs'
import { Delayed, Empty, ErrorBox } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { DealHeader } from './DealHeader'
import styles from './DealPage.module.css'
import { People } from './People'
import type { Deal } from './stages'
import { Tasks } from './Tasks'
import { useDealTexts } from './texts'
import { useDeal } from './useDeal'

const RecordDrawer = lazy(() => import('./RecordDrawer'))
const DealProposals = lazy(() =>
  import('@/features/drafts/Proposals').then((all) => ({ default: all.DealProposals })),
)
const DealContent = lazy(() =>
  import('@/features/advice/DealContent').then((all) => ({ default: all.DealContent })),
)

const DealSuggestions = lazy(() =>
  import('@/features/advice/suggestions/DealSuggestions').then((all) => ({ default: all.DealSuggestions })),
)

/** Milliseconds. What happens is one change, and the score that follows it within a moment another. */
const AT_MOST_EVERY = 100

export default function DealPage() {
  const t = useDealTexts()
  const id = Number(useParams().deal)
  const query = useDeal(id)
  useTitle(query.data?.name ?? t('deal'))
  if (!Number.isInteger(id) || (query.error && asProblem(query.error).status === 404 && !query.data))
    return (
      <div className={styles.alone}>
        <Empty why={t('notFound')} action={<Link to="/deals">{t('toList')}</Link>} />
      </div>
    )
  if (query.data) return <Page key={id} deal={query.data} />
  if (query.error) return <ErrorBox error={query.error} retry={() => void query.refetch()} />
  return <PageSkeleton />
}

function Page({ deal }: { deal: Deal }) {
  const t = useDealTexts()
  const f = useFormat()
  const named = useNamed()
  const language = useLanguage()
  const [recording, setRecording] = useState(false)
  // Once opened it stays, and with it what was typed.
  const [recorder, setRecorder] = useState(false)
  if (recording && !recorder) setRecorder(true)
  const [focus, setFocus] = useState<Focus | null>(null)
  const [driver, setDriver] = useState<string | null>(null)
  const [hint, setHint] = useState<number[]>([])
  useRecordLive('deal', deal.id, AT_MOST_EVERY)
  useEffect(() => {
    usePrefs.getState().remember({ kind: 'deal', id: deal.id, name: deal.name, note: deal.account.name })
  }, [deal.id, deal.name, deal.account.name])

  const open = deal.status === 'open'
  const outlook = api.useQuery(
    'get',
    '/api/deals/{deal}/forecast',
    { params: { path: { deal: deal.id } } },
    { enabled: open },
  ).data
  const tags = useMemo(() => tagsOf(outlook?.drivers ?? [], language), [outlook, language])

  // Of what changes in a deal, most parts of the page show nothing: they are drawn anew only with something new.
  const clear = useCallback(() => {
    setDriver(null)
    setFocus(null)
  }, [])
  const showDriver = useCallback(
    (picked: Driver) => {
      if (picked.code === driver) return clear()
      setDriver(picked.code)
      setFocus({ title: named(picked), entries: picked.entries })
    },
    [driver, clear, named],
  )
  const showEntries = useCallback((title: string, entries: number[]) => {
    setDriver(null)
    setFocus({ title, entries })
  }, [])
  const showStep = useCallback(
    (step: Step) => {
      if (step.entries.length === 0) return
      const title = t('stepTitle', { day: f.day(new Date(step.at)), points: f.points(step.change) })
      showEntries(title, step.entries)
    },
    [t, f, showEntries],
  )
  const goToDriver = useCallback((code: string) => {
    setDriver(code)
    const row = document.getElementById(driverId(code))
    row?.scrollIntoView({ block: 'center', behavior: 'smooth' })
    row?.querySelector('button')?.focus({ preventScroll: true })
  }, [])
  const record = useMemo(
    () => deal.may_change && <Button onClick={() => setRecording(true)}>{t('record.title')}</Button>,
    [deal.may_change, t],
  )

  return (
    <div className={styles.page}>
      <DealHeader deal={deal} onRecord={() => setRecording(true)} />
      <div className={styles.left}>
        <WinCard
          deal={deal.id}
          status={deal.status}
          closedAt={deal.closed_at}
          onStep={showStep}
          onHint={setHint}
        />
        {outlook && outlook.tier !== 'stage_rates' && (
          <section className={styles.card} aria-labelledby="drivers">
            <header className={styles.cardHead}>
              <h2 id="drivers">{t('drivers')}</h2>
              <span>{t('driversLead')}</span>
            </header>
            <Drivers outlook={outlook} stage={named(deal.stage)} active={driver} onPick={showDriver} />
            <WhatIf deal={deal.id} stages={deal.stage_path} stage={deal.stage.key} />
          </section>
        )}
        <DealTabs
          deal={deal}
          // What was asked for is on the timeline.
          asked={focus}
          timeline={
            <Timeline
              kind="deal"
              id={deal.id}
              focus={focus}
              onClear={clear}
              hint={hint}
              tags={tags}
              onTag={goToDriver}
              action={record}
            />
          }
        />
      </div>
      <aside className={styles.right} aria-label={t('aside')}>
        <Suspense fallback={null}>
          <DealSuggestions deal={deal} mayChange={deal.may_change} onShow={showEntries} />
        </Suspense>
        <Suspense fallback={null}>
          <DealProposals deal={deal.id} onShow={showEntries} />
        </Suspense>
        <Tasks deal={deal} />
        <People deal={deal} />
        <Suspense fallback={null}>
          <DealContent deal={deal.id} />
        </Suspense>
        <DealFacts deal={deal.id} />
        <Collapse
          ghost
          size="small"
          className={styles.why}
          items={[
            {
              key: 'facts',
              label: t('facts'),
              children: <Facts deal={deal} />,
            },
            { key: 'why', label: t('why'), children: named({ zh: deal.why_zh, en: deal.why_en }) },
          ]}
        />
      </aside>
      {recorder && (
        <Suspense fallback={null}>
          <RecordDrawer deal={deal} open={recording} onClose={() => setRecording(false)} />
        </Suspense>
      )}
    </div>
  )
}

/** What was known when the deal opened. */
function Facts({ deal }: { deal: Deal }) {
  const t = useDealTexts()
  const f = useFormat()
  const facts = Object.entries(deal.facts)
  return (
    <dl className={styles.facts}>
      <div>
        <dt>{t('number')}</dt>
        <dd>{deal.number}</dd>
      </div>
      <div>
        <dt>{t('openedAt')}</dt>
        <dd>{f.day(deal.opened_at)}</dd>
      </div>
      {deal.team && (
        <div>
          <dt>{t('team')}</dt>
          <dd>{deal.team.name}</dd>
        </div>
      )}
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{FACTS.has(name) ? t(`fact.${name as 'product'}`) : name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const FACTS = new Set(['product', 'source', 'region', 'industry', 'customer', 'team', 'line', 'size'])

function tagsOf(drivers: Driver[], language: 'zh' | 'en'): Map<number, Tag[]> {
  const tags = new Map<number, Tag[]>()
  for (const driver of drivers)
    for (const entry of driver.entries)
      tags.set(entry, [
        ...(tags.get(entry) ?? []),
        { code: driver.code, text: driver[language], positive: driver.points >= 0 },
      ])
  return tags
}

function PageSkeleton() {
  return (
    <div className={styles.page} aria-busy="true">
      <Delayed>
        <div className={`${styles.card} ${styles.header}`}>
          <Skeleton active title={{ width: 240 }} paragraph={{ rows: 1, width: '100%' }} />
        </div>
        <div className={styles.left}>
          <div className={styles.card}>
            <Skeleton active title={{ width: 160 }} paragraph={{ rows: 8 }} />
          </div>
          <div className={styles.card}>
            <Skeleton active paragraph={{ rows: 5 }} />
          </div>
        </div>
        <div className={styles.right}>
          <div className={styles.card}>
            <Skeleton active paragraph={{ rows: 3 }} />
          </div>
          <div className={styles.card}>
            <Skeleton active paragraph={{ rows: 3 }} />
          </div>
        </div>
      </Delayed>
    </div>
  )
}
