import { Skeleton } from 'antd'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { useSearchParams } from 'react-router'
import { asProblem } from '@/shared/api'
import { usePrefs } from '@/shared/prefs'
import { Delayed, Empty, ErrorBox, Waiting } from '@/shared/states'
import { useNarrow } from '@/shared/useNarrow'
import { AttachmentsTab } from './AttachmentsTab'
import { type FieldOut, type RecordOut, useRecord, useRecordLive, useType, useTypes } from './data'
import { FactsCard } from './FactsCard'
import { HistoryTab } from './HistoryTab'
import type { Kind } from './kinds'
import { AccountDeals, AccountPeople, ContactDeals, Hierarchy, OtherJobs } from './LinkedTabs'
import { NotesTab } from './NotesTab'
import styles from './Record.module.css'
import { RecordHeader } from './RecordHeader'
import { TabBar } from './TabBar'
import { TasksTab } from './TaskList'
import { useRecordTexts } from './texts'
import { idOf, isReference } from './values'

const RecordTimeline = lazy(() => import('./DealParts').then((all) => ({ default: all.RecordTimeline })))
const DealPeople = lazy(() => import('./DealParts').then((all) => ({ default: all.DealPeople })))
const AccountSuggestions = lazy(() =>
  import('@/features/advice/suggestions/DealSuggestions').then((all) => ({
    default: all.AccountSuggestions,
  })),
)
const AccountInterest = lazy(() => import('@/features/interest/AccountInterest'))
const ConsentCard = lazy(() => import('./ConsentCard'))
const ProductsTab = lazy(() => import('./ProductsTab').then((all) => ({ default: all.ProductsTab })))

type Tab =
  | 'facts'
  | 'timeline'
  | 'deals'
  | 'people'
  | 'hierarchy'
  | 'products'
  | 'tasks'
  | 'notes'
  | 'attachments'
  | 'history'

const TABS: Record<Kind, Tab[]> = {
  account: ['deals', 'timeline', 'people', 'tasks', 'notes', 'attachments', 'hierarchy', 'history'],
  contact: ['deals', 'timeline', 'tasks', 'notes', 'attachments', 'history'],
  lead: ['tasks', 'timeline', 'notes', 'attachments', 'history'],
  deal: ['timeline', 'people', 'products', 'tasks', 'notes', 'attachments', 'history'],
  product: ['notes', 'attachments', 'history'],
}

/** One record of any kind: the same view on a page of its own and in the panel beside a list. */
export function RecordView({
  kind,
  id,
  surface,
  onClose,
}: {
  kind: Kind
  id: number
  surface: 'page' | 'panel'
  onClose?: () => void
}) {
  const t = useRecordTexts()
  const query = useRecord(kind, id)
  const types = useTypes()
  const typesError: unknown = types.error
  const type = useType(kind)
  useRecordLive(kind, id)
  // Beside a list, and on a phone, there is room for one column: the facts are a tab then.
  const narrow = useNarrow() || surface === 'panel'
  const record = query.data
  useEffect(() => {
    if (!record) return
    const { account, company } = record.values
    const note =
      isReference(account) && kind !== 'lead' ? account.name : typeof company === 'string' ? company : ''
    usePrefs.getState().remember({ kind, id: record.id, name: record.title, note })
  }, [kind, record])
  const status = query.error ? asProblem(query.error).status : null
  // What is on the screen stays, with what is being typed there, unless one may see it no more.
  if (status !== null && (!record || status === 403 || status === 404))
    return (
      <div className={styles.alone}>
        {status === 404 ? (
          <Empty why={t('notFound', { kind: t(`kind.${kind}`) })} />
        ) : (
          <ErrorBox error={query.error} retry={() => void query.refetch()} />
        )}
      </div>
    )
  if (typesError && !type) return <ErrorBox error={typesError} retry={() => void types.refetch()} />
  if (!record || !type)
    return (
      <div className={styles.view} data-surface={surface} aria-busy="true">
        <Delayed>
          <div className={styles.card}>
            <Skeleton active title={{ width: 220 }} paragraph={{ rows: 1 }} />
          </div>
          <div className={styles.card}>
            <Skeleton active paragraph={{ rows: 6 }} />
          </div>
        </Delayed>
      </div>
    )
  return (
    <div className={styles.view} data-surface={surface}>
      <RecordHeader kind={kind} record={record} fields={type.fields} surface={surface} onClose={onClose} />
      <div className={styles.body}>
        <div className={styles.main}>
          <RecordTabs kind={kind} record={record} fields={type.fields} surface={surface} narrow={narrow} />
        </div>
        {!narrow && (
          <aside className={styles.aside} aria-label={t('facts')}>
            {kind === 'contact' && <OtherJobs record={record} />}
            {kind === 'account' && <Interest record={record} />}
            <FactsCard kind={kind} record={record} fields={type.fields} />
            {kind === 'contact' && <Consents record={record} />}
          </aside>
        )}
      </div>
    </div>
  )
}

function RecordTabs({
  kind,
  record,
  fields,
  surface,
  narrow,
}: {
  kind: Kind
  record: RecordOut
  fields: FieldOut[]
  surface: 'page' | 'panel'
  narrow: boolean
}) {
  const t = useRecordTexts()
  const [search, setSearch] = useSearchParams()
  const tabs: Tab[] = narrow ? ['facts', ...TABS[kind]] : TABS[kind]
  const first = tabs[0] as Tab
  const [chosen, setChosen] = useState<string>(first)
  const asked = surface === 'page' ? (search.get('tab') ?? first) : chosen
  const active = tabs.find((tab) => tab === asked) ?? first
  const choose = (tab: string) => {
    if (surface === 'panel') return setChosen(tab)
    setSearch(
      (now) => {
        if (tab === first) now.delete('tab')
        else now.set('tab', tab)
        return now
      },
      { replace: true },
    )
  }
  return (
    <TabBar
      tabs={tabs.map((tab) => ({ key: tab, label: t(`tab.${tab}`) }))}
      active={active}
      label={t('tabs')}
      onChange={choose}
    >
      <Suspense fallback={<Waiting />}>
        <TabBody tab={active} kind={kind} record={record} fields={fields} />
      </Suspense>
    </TabBar>
  )
}

function TabBody({
  tab,
  kind,
  record,
  fields,
}: {
  tab: Tab
  kind: Kind
  record: RecordOut
  fields: FieldOut[]
}): ReactNode {
  switch (tab) {
    case 'facts':
      return (
        <>
          {kind === 'contact' && <OtherJobs record={record} />}
          {kind === 'account' && <Interest record={record} />}
          <FactsCard kind={kind} record={record} fields={fields} />
          {kind === 'contact' && <Consents record={record} />}
        </>
      )
    case 'timeline':
      return kind === 'product' ? null : (
        <RecordTimeline
          kind={kind}
          id={record.id}
          became={kind === 'lead' ? idOf(record.values.deal) : null}
        />
      )
    case 'deals':
      return kind === 'contact' ? <ContactDeals record={record} /> : <AccountDeals record={record} />
    case 'people':
      return kind === 'deal' ? <DealPeople deal={record.id} /> : <AccountPeople record={record} />
    case 'hierarchy':
      return <Hierarchy record={record} />
    case 'products':
      return <ProductsTab deal={record.id} editable={record.may_change && record.values.status === 'open'} />
    case 'tasks':
      return <TasksTab kind={kind} record={record} />
    case 'notes':
      return <NotesTab kind={kind} record={record} />
    case 'attachments':
      return <AttachmentsTab kind={kind} record={record} />
    case 'history':
      return <HistoryTab kind={kind} record={record} fields={fields} />
  }
}

/** It comes when it is there: most accounts have none, and nothing waits for it. */
function Interest({ record }: { record: RecordOut }) {
  return (
    <Suspense fallback={null}>
      <AccountSuggestions account={{ id: record.id, name: record.title }} mayChange={record.may_change} />
      <AccountInterest id={record.id} name={record.title} />
    </Suspense>
  )
}

function Consents({ record }: { record: RecordOut }) {
  return (
    <Suspense fallback={null}>
      <ConsentCard record={record} />
    </Suspense>
  )
}
