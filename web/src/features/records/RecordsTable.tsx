import { EditOutlined } from '@ant-design/icons'
import { Skeleton, Table, type TableProps } from 'antd'
import { type RefObject, type UIEvent, useEffect, useRef } from 'react'
import { Link } from 'react-router'
import { Chip } from '@/features/crm/Chip'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useHeightLeft } from '@/shared/useHeightLeft'
import { CellEditor } from './CellEditor'
import { type Field, type Fields, isNumber, type Row, type Shown } from './fields'
import { GroupHead, GroupMore } from './GroupHead'
import { type GroupLine, isGroup, isRow, keyOf, type Line, summed } from './groups'
import { HeaderCell, HeadsContext } from './HeaderCell'
import type { Kind } from './kinds'
import type { Names } from './names'
import styles from './Records.module.css'
import type { ListState } from './state'
import { useRecordsTexts } from './texts'
import { useColumnWidths } from './useColumnWidths'
import type { Change } from './useListState'
import { Value } from './Value'

const PICK = 40
/** What scrolls sideways has its bar below the last row, not upon it. */
const BAR = 10
/** The next page is fetched when fewer than so many pixels are left below. */
const AHEAD = 600

export interface Place {
  row: number
  column: number
}

export interface ListProps {
  kind: Kind
  rows: readonly Row[]
  columns: readonly Field[]
  fields: Fields
  names: Names
  state: ListState
  change: Change
  dense: boolean
  /** What is shown is still the answer to the question before. */
  stale: boolean
  /** Absent when all are there. */
  more: (() => void) | undefined
  loading: boolean
  failed: unknown
  openRow: (row: Row) => void
}

interface Props extends Omit<ListProps, 'rows'> {
  /** Rows, and the heads of groups where there are any. */
  lines: readonly Line[]
  labelOf: (value: GroupLine['group']['value']) => string
  toggle: (group: string) => void
  at: Place
  editing: { id: number; field: string } | null
  edit: (cell: { id: number; field: string } | null) => void
  save: (row: Row, field: Field, value: Shown) => void
  selected: ReadonlySet<number>
  /** Not for who may do nothing with what they choose. */
  select?: (ids: ReadonlySet<number>) => void
  table: RefObject<{ scrollTo: (to: { index: number }) => void } | null>
}

/** Whether this field of this record may be changed where it stands. */
export function isEditable(row: Row, field: Field): boolean {
  const { status } = row.values
  const ended = (status === 'won' || status === 'lost') && field.kind !== 'tags'
  return row.may_change && field.changeable && !ended
}

export function RecordsTable(props: Props) {
  const { kind, lines, columns, state, change, dense, stale, more, loading, failed, at, editing } = props
  const t = useRecordsTexts()
  const named = useNamed()
  const box = useRef<HTMLDivElement>(null)
  const height = useHeightLeft(box)
  const line = dense ? 32 : 40
  const { widths, fixed, heads } = useColumnWidths(box, columns, state, change)
  const sort = { key: state.sort.replace(/^-/, ''), down: state.sort.startsWith('-') }
  const shown: NonNullable<TableProps<Line>['columns']> = columns.map((field, column) => ({
    key: field.key,
    title: (
      <span className={styles.headTitle} title={named(field)}>
        <span>{named(field)}</span>
      </span>
    ),
    width: widths[field.key],
    align: isNumber(field) && !field.share ? 'right' : undefined,
    className: isNumber(field) && !field.share ? styles.number : undefined,
    fixed: field.key === 'name' ? 'left' : undefined,
    sorter: field.sortable,
    sortOrder: sort.key === field.key ? (sort.down ? 'descend' : 'ascend') : null,
    sortDirections:
      isNumber(field) || field.kind === 'datetime' ? ['descend', 'ascend'] : ['ascend', 'descend'],
    onHeaderCell: () => ({ 'data-column': field.key }) as object,
    onCell: (_, row) =>
      ({
        'data-column': field.key,
        className: row === at.row && column === at.column ? styles.here : undefined,
      }) as object,
    render: (_, line) =>
      isRow(line) ? (
        <Cell
          {...props}
          row={line}
          field={field}
          editing={editing?.id === line.id && editing.field === field.key}
        />
      ) : (
        <Head {...props} line={line} field={field} />
      ),
  }))
  // Columns of which somebody said how wide they are do not grow with the window: what is left stays empty.
  if (fixed) shown.push({ key: 'rest', title: <span className="visually-hidden">{t('columns.rest')}</span> })
  const onScroll = ({ currentTarget: view }: UIEvent<HTMLDivElement>) => {
    if (more && !loading && !failed && view.scrollHeight - view.scrollTop - view.clientHeight < AHEAD) more()
  }
  useEffect(() => {
    // The first page may not fill the table, which then never scrolls.
    if (more && !loading && !failed && lines.length * line < height) more()
  }, [more, loading, failed, lines.length, height, line])
  const here = lines[at.row]
  const wide = columns.reduce((sum, { key }) => sum + (widths[key] ?? 0), props.select ? PICK : 0)
  const scrolls = wide > (box.current?.clientWidth ?? Number.POSITIVE_INFINITY)
  return (
    <div
      ref={box}
      className={`${styles.table} ${dense ? styles.dense : ''} ${stale ? styles.stale : ''} ${
        scrolls ? styles.scrolls : ''
      }`}
      aria-busy={stale || loading}
    >
      <HeadsContext value={heads}>
        <Table<Line>
          ref={props.table as never}
          virtual
          size="small"
          rowKey="id"
          components={COMPONENTS}
          columns={shown}
          dataSource={lines as Line[]}
          pagination={false}
          scroll={{
            x: wide,
            y: Math.min(height - (scrolls ? BAR : 0), Math.max(lines.length, 1) * line),
          }}
          showSorterTooltip={false}
          rowSelection={
            props.select && {
              columnWidth: PICK,
              fixed: true,
              selectedRowKeys: [...props.selected],
              onChange: (keys) => props.select?.(new Set(keys as number[])),
              renderCell: (_, line, __, box) => (isRow(line) ? box : null),
              getCheckboxProps: (line) =>
                (isRow(line)
                  ? { 'aria-label': t('select.row', { name: line.title }) }
                  : { disabled: true }) as never,
            }
          }
          onChange={(_, __, sorted) => {
            const { columnKey, order } = Array.isArray(sorted) ? (sorted[0] ?? {}) : sorted
            change({ sort: order ? `${order === 'descend' ? '-' : ''}${String(columnKey)}` : kind.sort })
          }}
          onScroll={onScroll}
          rowClassName={(line, row) =>
            `${row === at.row ? styles.chosen : ''} ${isGroup(line) ? styles.groupRow : ''}`
          }
          onRow={(line) => ({
            onClick: (event) => {
              // Not when somebody marks text in the row, or works in a cell.
              if (getSelection()?.toString() || (event.target as Element).closest(BUSY)) return
              if (isRow(line)) props.openRow(line)
              else if (isGroup(line)) props.toggle(keyOf(line.group))
            },
          })}
        />
      </HeadsContext>
      <span className="visually-hidden" aria-live="polite">
        {here && (isRow(here) ? here.title : isGroup(here) && props.labelOf(here.group.value))}
      </span>
    </div>
  )
}

const COMPONENTS = { header: { cell: HeaderCell } }

const BUSY = 'a, button, input, label, textarea, .ant-select, .ant-picker, .ant-table-selection-column'

function Cell({
  kind,
  row,
  field,
  names,
  editing,
  edit,
  save,
}: Omit<Props, 'editing'> & { row: Row; field: Field; editing: boolean }) {
  const t = useRecordsTexts()
  const named = useNamed()
  if (editing)
    return (
      <CellEditor
        field={field}
        value={row.values[field.key] ?? null}
        names={names}
        label={t('edit', { label: named(field), name: row.title })}
        done={(value) => save(row, field, value)}
        cancel={() => edit(null)}
      />
    )
  const pencil = isEditable(row, field) && (
    <button
      type="button"
      tabIndex={-1}
      className={styles.pencil}
      aria-label={t('edit', { label: named(field), name: row.title })}
      onClick={() => edit({ id: row.id, field: field.key })}
    >
      <EditOutlined aria-hidden />
    </button>
  )
  if (field.key === 'name')
    return (
      <span className={styles.name}>
        <Link to={`${kind.path}/${row.id}`} title={row.title}>
          {row.title}
        </Link>
        {typeof row.values.number === 'string' && <span className={styles.faint}>{row.values.number}</span>}
        <ReturnsSoon row={row} />
        {pencil}
      </span>
    )
  return (
    <span className={styles.cell}>
      <span className={styles.value}>
        <Value field={field} row={row} />
      </span>
      {pencil}
    </span>
  )
}

/** A cell of a line that is no record: the head of a group, or the place of its next rows. */
function Head({
  kind,
  columns,
  fields,
  labelOf,
  toggle,
  line,
  field,
}: Props & { line: Exclude<Line, Row>; field: Field }) {
  const format = useFormat()
  const money = summed(kind, fields)
  const first = field.key === 'name'
  if (!isGroup(line)) return first ? <GroupMore feed={line.feed} /> : null
  const { value, sums, currency } = line.group
  const sum = money ? format.money(sums[money], currency) : ''
  if (field.key === money) return <strong>{sum}</strong>
  if (!first) return null
  return (
    <GroupHead
      line={line}
      label={labelOf(value)}
      sum={columns.some(({ key }) => key === money) ? '' : sum}
      toggle={() => toggle(keyOf(line.group))}
    />
  )
}

/** That a record goes back to the open pool soon, unless somebody does something about it. */
export function ReturnsSoon({ row }: { row: Row }) {
  const t = useRecordsTexts()
  const format = useFormat()
  const day = row.values.returns_on
  if (typeof day !== 'string') return null
  return <Chip kind="warn">{t('returnsOn', { day: format.day(day) })}</Chip>
}

const ROWS = Array.from({ length: 10 }, (_, index) => index)

export function TableSkeleton() {
  return (
    <div className={styles.table} aria-hidden>
      <div className={styles.skeletonHead} />
      {ROWS.map((row) => (
        <div key={row} className={styles.skeletonRow}>
          <Skeleton.Input active size="small" style={{ width: '70%', height: 14 }} />
          <Skeleton.Input active size="small" style={{ width: '60%', height: 14 }} />
          <Skeleton.Input active size="small" style={{ width: '50%', height: 14 }} />
          <Skeleton.Input active size="small" style={{ width: '50%', height: 14 }} />
        </div>
      ))}
    </div>
  )
}
