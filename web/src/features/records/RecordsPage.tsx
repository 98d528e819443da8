import {
  AppstoreOutlined,
  ColumnHeightOutlined,
  FunnelPlotOutlined,
  PlusOutlined,
  SettingOutlined,
  UnorderedListOutlined,
} from '@ant-design/icons'
import { Button, Popover, Segmented, Select, Skeleton } from 'antd'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { useCreate } from '@/features/record/create'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { may, useMe } from '@/shared/me'
import { usePrefs } from '@/shared/prefs'
import { Delayed, Empty, ErrorBox, NoPermission } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import { BulkBar } from './BulkBar'
import { type Conflict, useEdit, useLiveLists, useRecords } from './data'
import { FilterBar } from './FilterBar'
import { type Field, type Row, type Shown, useFields } from './fields'
import { GroupStrip } from './GroupStrip'
import { KINDS, type Kind, type KindKey, type Layout } from './kinds'
import { useNames } from './names'
import { CardsSkeleton, RecordCards } from './RecordCards'
import styles from './Records.module.css'
import { isEditable, type Place, RecordsTable, TableSkeleton } from './RecordsTable'
import { baseOf, type ListState, narrows, readState, writeState } from './state'
import { useRecordsTexts } from './texts'
import { useListKeys } from './useListKeys'
import { ViewTabs } from './ViewTabs'

const Board = lazy(() => import('./Board'))
const Funnel = lazy(() => import('./Funnel'))
const Columns = lazy(() => import('./Columns'))
const ConflictModal = lazy(() => import('./Conflict'))
const ExportButton = lazy(() => import('@/features/imports/ExportButton'))
const RecordPanel = lazy(() =>
  import('@/features/record/RecordPanel').then((module) => ({ default: module.RecordPanel })),
)

const NOBODY: ReadonlySet<number> = new Set()
const NOWHERE: Place = { row: -1, column: 0 }

/** The list of one kind of record: its address says all that it shows, so it can be kept and sent on. */
export function RecordsPage({ kind: key }: { kind: KindKey }) {
  const kind = KINDS[key]
  const t = useRecordsTexts()
  useTitle(t(`title.${key}`))
  const { data: me } = useMe()
  const [search] = useSearchParams()
  const views = useViews(kind)
  const { query: types, fields, askable } = useFields(key)
  if (me && !may(me, 'see') && kind.key !== 'product') return <NoPermission />
  const failed: unknown = types.error ?? views.error
  if (failed && (!types.data || !views.data))
    return (
      <ErrorBox
        error={failed}
        retry={() => {
          void types.refetch()
          void views.refetch()
        }}
      />
    )
  // What a view shows is known once it is there: until then, nothing is asked in vain.
  if (!types.data || (search.has('view') && !views.data))
    return (
      <Delayed>
        <TableSkeleton />
      </Delayed>
    )
  return <List kind={kind} fields={fields} askable={askable} views={views.data ?? []} />
}

function useViews(kind: Kind) {
  useLive([['views', 0]], [['get', '/api/views']])
  return api.useQuery(
    'get',
    '/api/views',
    {},
    { staleTime: 5 * 60_000, select: (views) => views.filter((view) => view.record_type === kind.key) },
  )
}

type Views = NonNullable<ReturnType<typeof useViews>['data']>

function useListState(kind: Kind, views: Views) {
  const [search, setSearch] = useSearchParams()
  const view = views.find(({ id, usable }) => usable && id === Number(search.get('view')))
  const base = useMemo(() => baseOf(kind, view?.settings), [kind, view])
  const state = useMemo(() => {
    const read = readState(search, kind, base)
    return view ? read : { ...read, view: undefined }
  }, [search, kind, base, view])
  const change = useCallback(
    (part: Partial<ListState>) =>
      setSearch((now) => writeState({ ...readState(now, kind, base), view: view?.id, ...part }, base, now), {
        replace: true,
        preventScrollReset: true,
      }),
    [setSearch, kind, base, view],
  )
  return { search, setSearch, base, state, change }
}

function List({
  kind,
  fields,
  askable,
  views,
}: {
  kind: Kind
  fields: ReturnType<typeof useFields>['fields']
  askable: ReturnType<typeof useFields>['askable']
  views: Views
}) {
  const t = useRecordsTexts()
  const format = useFormat()
  const navigate = useNavigate()
  const narrow = useNarrow()
  const { data: me } = useMe()
  const names = useNames()
  const { search, setSearch, base, state, change } = useListState(kind, views)
  const { dense: preferred, setDense } = usePrefs()
  const dense = state.density ? state.density === 'compact' : preferred
  const columns = useMemo(() => {
    const shown = state.columns.flatMap((key) => fields.get(key) ?? [])
    const name = fields.get('name')
    // The name leads to the record: it is always there, and first.
    return name ? [name, ...shown.filter(({ key }) => key !== 'name')] : shown
  }, [state.columns, fields])
  const table = state.layout === 'table'
  const { query, rows, total, pages } = useRecords(
    kind,
    state,
    narrow ? cardFields(kind) : columns.map(({ key }) => key),
    { enabled: table },
  )
  useLiveLists(kind)

  const [at, setAt] = useState<Place>(NOWHERE)
  const [editing, setEditing] = useState<{ id: number; field: string } | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<number>>(NOBODY)
  const [everything, setEverything] = useState(false)
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const create = useCreate()
  const scroller = useRef<{ scrollTo: (to: { index: number }) => void } | null>(null)
  const asked = JSON.stringify([state.where, state.q, state.sort, kind.key])
  const [answered, setAnswered] = useState(asked)
  if (answered !== asked) {
    // Another question: what was chosen of the answer before is none of this one.
    setAnswered(asked)
    setAt(NOWHERE)
    setEditing(null)
    setSelected(NOBODY)
    setEverything(false)
  }

  const edit = useEdit(kind.key)
  const save = (row: Row, field: Field, value: Shown, known?: Shown) => {
    setEditing(null)
    void edit(row, field, value, known).then(setConflict)
  }
  const open = Number(search.get('open')) || undefined
  const show = useCallback(
    (id: number | undefined) =>
      setSearch(
        (now) => {
          const next = new URLSearchParams(now)
          if (id === undefined) next.delete('open')
          else next.set('open', String(id))
          return next
        },
        { replace: open !== undefined, preventScrollReset: true },
      ),
    [setSearch, open],
  )
  const openRow = (row: Row) => (narrow ? void navigate(`${kind.path}/${row.id}`) : show(row.id))
  const creates = me !== undefined && may(me, kind.key === 'product' ? 'configure' : 'change')

  useListKeys({
    step: (down, right) => {
      if (!table || rows.length === 0) return
      const row = Math.max(0, Math.min(rows.length - 1, at.row + down))
      const column = Math.max(0, Math.min(columns.length - 1, at.column + right))
      setAt({ row: at.row < 0 ? 0 : row, column })
      scroller.current?.scrollTo({ index: row })
      if (open !== undefined && down && rows[row]) show(rows[row].id)
    },
    open: (full) => {
      const row = rows[at.row]
      if (!row) return
      if (full) void navigate(`${kind.path}/${row.id}`)
      else openRow(row)
    },
    edit: () => {
      const row = rows[at.row]
      if (!row || narrow) return
      const here = columns[at.column]
      const field = here && isEditable(row, here) ? here : columns.find((one) => isEditable(row, one))
      if (!field) return
      setAt({ row: at.row, column: columns.indexOf(field) })
      setEditing({ id: row.id, field: field.key })
    },
    select: () => {
      const row = rows[at.row]
      if (!row) return
      setEverything(false)
      setSelected((now) => {
        const next = new Set(now)
        if (!next.delete(row.id)) next.add(row.id)
        return next
      })
    },
    escape: () => {
      // An open panel takes it first, and closes.
      if (open !== undefined) return
      if (selected.size) setSelected(NOBODY)
      else setAt(NOWHERE)
    },
  })

  const group = fields.get(state.group)
  const list = {
    kind,
    rows,
    columns,
    fields,
    names,
    state,
    change,
    dense,
    stale: query.isPlaceholderData,
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    loading: query.isFetchingNextPage,
    failed: query.isFetchNextPageError ? query.error : null,
    openRow,
  }
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t(`title.${kind.key}`)}</h1>
        {table && total !== undefined && (
          <span className={styles.faint} role="status">
            {t('total', { count: total, number: format.number(total) })}
          </span>
        )}
        {kind.layouts.length > 1 && <Layouts kind={kind} layout={state.layout} change={change} />}
        {creates && (
          <Button
            className={styles.new}
            type="primary"
            aria-label={t(`new.${kind.key}`)}
            icon={<PlusOutlined aria-hidden />}
            aria-keyshortcuts="c"
            onClick={() => create(kind.key)}
          >
            {t(`new.${kind.key}`)}
          </Button>
        )}
      </div>
      <ViewTabs
        kind={kind}
        views={views}
        state={state}
        base={base}
        go={(view) => void navigate(view ? `${kind.path}?view=${view}` : kind.path)}
      />
      <FilterBar kind={kind} state={state} change={change} fields={askable} names={names}>
        {!table && names.pipelines.length > 1 && (
          <Select
            className={styles.pipeline}
            aria-label={t('board.pipeline')}
            popupMatchSelectWidth={false}
            value={names.pipelines.find(({ id }) => id === state.pipeline)?.id ?? names.pipelines[0]?.id}
            options={names.optionsOf('pipeline')}
            onChange={(pipeline) => change({ pipeline })}
          />
        )}
        {table && !narrow && (
          <TableTools
            kind={kind}
            state={state}
            change={change}
            fields={fields}
            dense={dense}
            setDense={setDense}
          />
        )}
        {table && me && may(me, 'export') && (
          <Suspense fallback={null}>
            <ExportButton
              kind={kind.key}
              name={t(`title.${kind.key}`)}
              where={state.where.all.length > 0 ? JSON.stringify(state.where) : undefined}
              q={state.q || undefined}
              sort={state.sort}
              columns={state.columns.join(',')}
            />
          </Suspense>
        )}
      </FilterBar>
      {table && group?.groupable && (
        <GroupStrip kind={kind} field={group} state={state} change={change} fields={fields} names={names} />
      )}
      {table && selected.size > 0 && (
        <BulkBar
          kind={kind}
          state={state}
          fields={fields}
          names={names}
          selected={selected}
          everything={everything}
          total={total ?? 0}
          chooseAll={() => {
            setSelected(new Set(rows.map(({ id }) => id)))
            setEverything(true)
          }}
          clear={() => {
            setSelected(NOBODY)
            setEverything(false)
          }}
        />
      )}
      {state.layout === 'board' ? (
        <Suspense fallback={<Skeleton active paragraph={{ rows: 8 }} />}>
          <Board kind={kind} state={state} fields={fields} names={names} openRow={openRow} />
        </Suspense>
      ) : state.layout === 'funnel' ? (
        <Suspense fallback={<Skeleton active paragraph={{ rows: 8 }} />}>
          <Funnel state={state} change={change} names={names} />
        </Suspense>
      ) : query.error && !pages ? (
        <ErrorBox error={query.error} retry={() => void query.refetch()} />
      ) : !pages ? (
        <Delayed>{narrow ? <CardsSkeleton /> : <TableSkeleton />}</Delayed>
      ) : rows.length === 0 ? (
        <Nothing
          kind={kind}
          state={state}
          change={change}
          begin={creates ? () => create(kind.key) : undefined}
        />
      ) : narrow ? (
        <RecordCards key={asked} {...list} />
      ) : (
        <RecordsTable
          key={asked}
          {...list}
          table={scroller}
          at={at}
          editing={editing}
          edit={(cell) => {
            setEditing(cell)
            if (cell)
              setAt({
                row: rows.findIndex(({ id }) => id === cell.id),
                column: columns.findIndex((field) => field.key === cell.field),
              })
          }}
          save={save}
          selected={selected}
          select={(ids) => {
            setSelected(ids)
            setEverything(false)
          }}
        />
      )}
      {list.failed ? <MoreFailed retry={list.more} /> : null}
      <Suspense fallback={null}>
        {open !== undefined && <RecordPanel kind={kind.key} id={open} onClose={() => show(undefined)} />}
        {conflict && (
          <ConflictModal
            conflict={conflict}
            keepTheirs={() => setConflict(null)}
            takeMine={() => {
              setConflict(null)
              save(conflict.row, conflict.field, conflict.mine, conflict.theirs)
            }}
          />
        )}
      </Suspense>
    </div>
  )
}

const cardFields = ({ card }: Kind) => ['name', card.second, card.right, card.below, ...card.third]

const ICONS: Record<Layout, React.ReactNode> = {
  board: <AppstoreOutlined aria-hidden />,
  table: <UnorderedListOutlined aria-hidden />,
  funnel: <FunnelPlotOutlined aria-hidden />,
}

function Layouts({
  kind,
  layout,
  change,
}: {
  kind: Kind
  layout: Layout
  change: (part: Partial<ListState>) => void
}) {
  const t = useRecordsTexts()
  return (
    <Segmented<Layout>
      aria-label={t('layout.label')}
      value={layout}
      options={kind.layouts.map((one) => ({ value: one, label: t(`layout.${one}`), icon: ICONS[one] }))}
      onChange={(one) => change({ layout: one })}
    />
  )
}

function TableTools({
  kind,
  state,
  change,
  fields,
  dense,
  setDense,
}: {
  kind: Kind
  state: ListState
  change: (part: Partial<ListState>) => void
  fields: ReturnType<typeof useFields>['fields']
  dense: boolean
  setDense: (dense: boolean) => void
}) {
  const t = useRecordsTexts()
  const named = useNamed()
  const groupable = [...fields.values()].filter((field) => field.groupable)
  return (
    <>
      <Select
        className={styles.select}
        aria-label={t('group.label')}
        placeholder={t('group.label')}
        allowClear
        popupMatchSelectWidth={false}
        value={state.group || undefined}
        options={groupable.map((field) => ({
          value: field.key,
          label: t('group.by', { label: named(field) }),
        }))}
        onChange={(group) => change({ group: group ?? '' })}
      />
      <Popover
        trigger="click"
        placement="bottomRight"
        destroyOnHidden
        content={
          <Suspense fallback={null}>
            <Columns
              kind={kind}
              columns={state.columns}
              fields={fields}
              change={(columns) => change({ columns })}
            />
          </Suspense>
        }
      >
        <Button
          icon={<SettingOutlined aria-hidden />}
          aria-label={t('columns.label')}
          title={t('columns.label')}
        />
      </Popover>
      <Button
        icon={<ColumnHeightOutlined aria-hidden />}
        aria-pressed={dense}
        aria-label={t('dense')}
        title={t(dense ? 'loose' : 'dense')}
        onClick={() => {
          // A view that says how dense it is keeps saying so; else it is the person's habit.
          if (state.density) change({ density: dense ? 'standard' : 'compact' })
          setDense(!dense)
        }}
      />
    </>
  )
}

function MoreFailed({ retry }: { retry: (() => void) | undefined }) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  return (
    <div className={styles.more} role="alert">
      {t('moreFailed')}
      <Button size="small" onClick={retry}>
        {shared('retry')}
      </Button>
    </div>
  )
}

function Nothing({
  kind,
  state,
  change,
  begin,
}: {
  kind: Kind
  state: ListState
  change: (part: Partial<ListState>) => void
  begin: (() => void) | undefined
}) {
  const t = useRecordsTexts()
  if (narrows(state, kind))
    return (
      <Empty
        why={t('nothingFound')}
        action={<Button onClick={() => change({ q: '', where: kind.where })}>{t('filter.clear')}</Button>}
      />
    )
  if (state.where.all.length > 0)
    return (
      <Empty
        why={t(`none.${kind.key}`)}
        action={<Button onClick={() => change({ where: { all: [] } })}>{t('showAll')}</Button>}
      />
    )
  return (
    <Empty
      why={t(`noneAtAll.${kind.key}`)}
      action={begin && <Button onClick={begin}>{t(`new.${kind.key}`)}</Button>}
    />
  )
}
