import { Tabs } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Deal } from '@/features/crm/stages'
import { Loaded, Waiting } from '@/shared/states'
import { useRecord, useRecordLive, useType } from './data'
import { FactsCard } from './FactsCard'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'

const ProductsTab = lazy(() => import('./ProductsTab').then((all) => ({ default: all.ProductsTab })))
const NotesTab = lazy(() => import('./NotesTab').then((all) => ({ default: all.NotesTab })))
const AttachmentsTab = lazy(() => import('./AttachmentsTab').then((all) => ({ default: all.AttachmentsTab })))
const HistoryTab = lazy(() => import('./HistoryTab').then((all) => ({ default: all.HistoryTab })))

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
export function DealFacts({ deal }: { deal: number }) {
  const query = useRecord('deal', deal)
  const type = useType('deal')
  useRecordLive('deal', deal)
  if (!query.data || !type) return null
  return <FactsCard kind="deal" record={query.data} fields={type.fields} except={IN_HEADER} />
}

/** The timeline of a deal, and behind it what else is kept with it. */
export function DealTabs({ deal, asked, timeline }: { deal: Deal; asked: unknown; timeline: ReactNode }) {
  const t = useRecordTexts()
  const [tab, setTab] = useState('timeline')
  const [seen, setSeen] = useState(asked)
  if (asked !== seen) {
    setSeen(asked)
    if (asked) setTab('timeline')
  }
  const query = useRecord('deal', deal.id)
  const type = useType('deal')
  const part = (body: (record: NonNullable<typeof query.data>) => ReactNode) => (
    <Loaded query={query}>{(record) => <Suspense fallback={<Waiting />}>{body(record)}</Suspense>}</Loaded>
  )
  return (
    <Tabs
      className={styles.tabs}
      activeKey={tab}
      onChange={setTab}
      items={[
        { key: 'timeline', label: t('tab.timeline'), children: timeline },
        {
          key: 'products',
          label: t('tab.products'),
          destroyOnHidden: true,
          children: (
            <Suspense fallback={<Waiting />}>
              <ProductsTab deal={deal.id} editable={deal.may_change && deal.status === 'open'} />
            </Suspense>
          ),
        },
        {
          key: 'notes',
          label: t('tab.notes'),
          destroyOnHidden: true,
          children: part((record) => <NotesTab kind="deal" record={record} />),
        },
        {
          key: 'attachments',
          label: t('tab.attachments'),
          destroyOnHidden: true,
          children: part((record) => <AttachmentsTab kind="deal" record={record} />),
        },
        {
          key: 'history',
          label: t('tab.history'),
          destroyOnHidden: true,
          children: part((record) => <HistoryTab kind="deal" record={record} fields={type?.fields ?? []} />),
        },
      ]}
    />
  )
}
