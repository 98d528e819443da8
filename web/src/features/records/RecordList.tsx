import { PlusOutlined } from '@ant-design/icons'
import { Button, Select, Skeleton } from 'antd'
import { lazy, Suspense, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { useCreate } from '@/features/record/create'
import { useFormat } from '@/shared/format'
import { Lacking, lackingOf } from '@/shared/Lacking'
import { lazily } from '@/shared/lazily'
import { may, useMe } from '@/shared/me'
import { usePrefs } from '@/shared/prefs'
import { Delayed, ErrorBox } from '@/shared/states'
import { useNarrow } from '@/shared/useNarrow'
import { BulkBar } from './BulkBar'
import { type Conflict, useEdit, useLiveLists, useRecords } from './data'
import { FilterBar } from './FilterBar'
import type { Field, Fields, Row, Shown } from './fields'
import { GroupStrip } from './GroupStrip'
import { isRow, type Line, MOST_GROUPS, summed } from './groups'
import type { Kind } from './kinds'
import { Layouts } from './Layouts'
import { MoreFailed, Nothing } from './Nothing'
import { useNames } from './names'
import { CardsSkeleton, RecordCards } from './RecordCards'
import styles from './Records.module.css'
import { RecordsTable, TableSkeleton } from './RecordsTable'
import { TableTools } from './TableTools'
import { useRecordsTexts } from './texts'
import { useGroups } from './useGroups'
import { useListState, type Views } from './useListState'
import { useMarks } from './useMarks'
import { useOpened, useRowKeys } from './useRowKeys'
import { ViewTabs } from './ViewTabs'

const Board = lazily(() => import('./Board'))
if (/[?&]layout=board/.test(location.search)) Board.load()
const Funnel = lazy(() => import('./Funnel'))
const ConflictModal = lazy(() => import('./Conflict'))
const ExportButton = lazy(() => import('@/features/imports/ExportButton'))
const RecordPanel = lazy(() =>
  import('@/features/record/RecordPanel').then((module) => ({ default: module.RecordPanel })),
)

/** A list once it is known what its kind has and which views there are: as table, cards, board or funnel. */
export function RecordList({
  kind,
  fields,
  askable,
  views,
}: {
  kind: Kind
  fields: Fields
  askable: Fields
  views: Views
}) {
  const t = useRecordsTexts()
  const format = useFormat()
  const navigate = useNavigate()
  const narrow = useNarrow()
  const { data: me } = useMe()
  const names = useNames()
  const { base, state, change } = useListState(kind, views)
  const { dense: preferred, setDense } = usePrefs()
  const dense = state.density ? state.density === 'compact' : preferred
  const columns = useMemo(() => {
    const shown = state.columns.flatMap((key) => fields.get(key) ?? [])
    const name = fields.get('name')
    // The name leads to the record: it is always there, and first.
    return name ? [name, ...shown.filter(({ key }) => key !== 'name')] : shown
  }, [state.columns, fields])
  const table = state.layout === 'table'
  const group = fields.get(state.group)
  // A phone has no table to group: there groups lead to their records.
  const groupedBy = table && !narrow && group?.groupable ? group : undefined
  const keys = narrow ? cardFields(kind) : columns.map(({ key }) => key)
  const flat = useRecords(kind, state, keys, { enabled: table && !groupedBy })
  const groups = useGroups(kind, groupedBy, state, keys, fields, names)
  const lines: readonly Line[] = groupedBy ? groups.lines : flat.rows
  const total = groupedBy ? groups.total : flat.total
  const query = groupedBy ? groups.query : flat.query
  useLiveLists(kind)

  const asked = JSON.stringify([state.where, state.q, state.sort, kind.key, groupedBy?.key])
  const marks = useMarks(asked)
  const { selected, choose } = marks
  const opened = useOpened()
  const { open, show } = opened
  const scroller = useRef<{ scrollTo: (to: { index: number }) => void } | null>(null)
  const create = useCreate()
  const creates = me !== undefined && may(me, kind.key === 'product' ? 'configure' : 'change')
  const openPage = (row: Row) => void navigate(`${kind.path}/${row.id}`)
  const openRow = (row: Row) => (narrow ? openPage(row) : show(row.id))
  const toggle = (key: string) => {
    marks.leave()
    groups.toggle(key)
  }
  useRowKeys({
    lines: table ? lines : [],
    columns,
    marks,
    opened,
    table: scroller,
    openRow,
    openPage,
    toggle: groups.toggle,
    narrow,
  })

  const edit = useEdit(kind.key)
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const save = (row: Row, field: Field, value: Shown, known?: Shown) => {
    marks.setEditing(null)
    void edit(row, field, value, known).then(setConflict)
  }
  const list = {
    kind,
    columns,
    fields,
    names,
    state,
    change,
    dense,
    stale: query.isPlaceholderData,
    openRow,
    ...(groupedBy ? NO_PAGES : pagesOf(flat.query)),
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
      {table && narrow && group?.groupable && (
        <GroupStrip kind={kind} field={group} state={state} change={change} fields={fields} names={names} />
      )}
      {groups.groups && groups.groups.length >= MOST_GROUPS && (
        <span className={styles.faint}>{t('group.most', { number: MOST_GROUPS })}</span>
      )}
      {groups.groups && summed(kind, fields) && <Lacking lacking={lackingOf(groups.groups)} />}
      {table && creates && selected.size > 0 && (
        <BulkBar
          kind={kind}
          state={state}
          fields={fields}
          names={names}
          selected={selected}
          everything={marks.everything}
          total={total ?? 0}
          chooseAll={() => choose(new Set(lines.filter(isRow).map(({ id }) => id)), true)}
          clear={marks.clear}
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
      ) : query.error && !query.data ? (
        <ErrorBox error={query.error} retry={() => void query.refetch()} />
      ) : !query.data ? (
        <Delayed>{narrow ? <CardsSkeleton /> : <TableSkeleton />}</Delayed>
      ) : lines.length === 0 ? (
        <Nothing
          kind={kind}
          state={state}
          change={change}
          begin={creates ? () => create(kind.key) : undefined}
        />
      ) : narrow ? (
        <RecordCards key={asked} {...list} rows={flat.rows} />
      ) : (
        <RecordsTable
          key={asked}
          {...list}
          lines={lines}
          labelOf={groups.labelOf}
          toggle={toggle}
          table={scroller}
          at={marks.at}
          editing={marks.editing}
          edit={(cell) => {
            marks.setEditing(cell)
            if (cell)
              marks.setAt({
                row: lines.findIndex(({ id }) => id === cell.id),
                column: columns.findIndex((field) => field.key === cell.field),
              })
          }}
          save={save}
          selected={selected}
          select={creates ? choose : undefined}
        />
      )}
      {list.failed ? <MoreFailed retry={list.more} /> : null}
      {groups.feeds}
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

/** Groups are there at once, and each fetches its own rows. */
const NO_PAGES = { more: undefined, loading: false, failed: null }

/** How far a list is loaded, and how it goes on. */
function pagesOf(query: ReturnType<typeof useRecords>['query']) {
  return {
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    loading: query.isFetchingNextPage,
    failed: query.isFetchNextPageError ? query.error : null,
  }
}
