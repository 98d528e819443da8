import { lazy, memo, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { useLocation } from 'react-router'
import type { Deal } from '@/features/crm/stages'
import { Loaded, Waiting } from '@/shared/states'
import { useRecord, useType } from './data'
import { FactsCard } from './FactsCard'
import styles from './Record.module.css'
import { TabBar } from './TabBar'
import { useRecordTexts } from './texts'

const ProductsTab = lazy(() => import('./ProductsTab').then((all) => ({ default: all.ProductsTab })))
const NotesTab = lazy(() => import('./NotesTab').then((all) => ({ default: all.NotesTab })))
const AttachmentsTab = lazy(() => import('./AttachmentsTab').then((all) => ({ default: all.AttachmentsTab })))
const HistoryTab = lazy(() => import('./HistoryTab').then((all) => ({ default: all.HistoryTab })))

const NAMES = ['timeline', 'products', 'notes', 'attachments', 'history'] as const

/** Milliseconds. */
const FOLLOWED = 5_000
const MOVING = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const

/** Shown in the deal's header, or with a form of their own there. */
const IN_HEADER = new Set([
  'amount',
  'expected_close_on',
  'stage',
  'status',
  'account',
  'closed_at',
  'close_reason',
])

/** All that is known of a deal, field by field, the organisation's own fields too. */
export const DealFacts = memo(function DealFacts({ deal }: { deal: number }) {
  const query = useRecord('deal', deal)
  const type = useType('deal')
  if (!query.data || !type) return null
  return <FactsCard kind="deal" record={query.data} fields={type.fields} except={IN_HEADER} />
})

/** The timeline of a deal, and behind it what else is kept with it. */
export function DealTabs({ deal, asked, timeline }: { deal: Deal; asked: unknown; timeline: ReactNode }) {
  const t = useRecordTexts()
  const { key, search } = useLocation()
  const named = NAMES.find((name) => name === new URLSearchParams(search).get('tab'))
  const [tab, setTab] = useState<string>(named ?? NAMES[0])
  const [seen, setSeen] = useState(asked)
  if (asked !== seen) {
    setSeen(asked)
    if (asked) setTab(NAMES[0])
  }
  // The same address may be gone to twice, whatever was chosen in between.
  const [came, setCame] = useState(key)
  if (key !== came) {
    setCame(key)
    if (named) setTab(named)
  }
  const box = useRef<HTMLDivElement>(null)
  const aimed = named && key
  useEffect(() => {
    // Whoever comes for a part of the page need not look for it below. What stands above comes in bit by bit and
    // pushes it down, so it is followed until somebody moves by themselves.
    if (!aimed) return
    const watch = new ResizeObserver(() => box.current?.scrollIntoView({ block: 'start' }))
    const stop = () => watch.disconnect()
    watch.observe(document.body)
    const timer = setTimeout(stop, FOLLOWED)
    for (const name of MOVING) addEventListener(name, stop, { once: true, passive: true })
    return () => {
      stop()
      clearTimeout(timer)
      for (const name of MOVING) removeEventListener(name, stop)
    }
  }, [aimed])
  const query = useRecord('deal', deal.id)
  const type = useType('deal')
  const part = (show: (record: NonNullable<typeof query.data>) => ReactNode) => (
    <Loaded query={query}>{show}</Loaded>
  )
  const body = {
    products: () => <ProductsTab deal={deal.id} editable={deal.may_change && deal.status === 'open'} />,
    notes: () => part((record) => <NotesTab kind="deal" record={record} />),
    attachments: () => part((record) => <AttachmentsTab kind="deal" record={record} />),
    history: () => part((record) => <HistoryTab kind="deal" record={record} fields={type?.fields ?? []} />),
  }
  return (
    <div ref={box} className={styles.dealTabs}>
      <TabBar
        tabs={NAMES.map((key) => ({ key, label: t(`tab.${key}`) }))}
        active={tab}
        label={t('tabs')}
        onChange={setTab}
      >
        {/* Kept while another tab is shown: it knows what was asked for, and how far it was read. */}
        <div className={styles.bare} hidden={tab !== 'timeline'}>
          {timeline}
        </div>
        {tab !== 'timeline' && <Suspense fallback={<Waiting />}>{body[tab as keyof typeof body]()}</Suspense>}
      </TabBar>
    </div>
  )
}
