import { App, Button, Checkbox, Table, type TableProps, Tooltip } from 'antd'
import { lazy, type ReactNode, Suspense, type UIEvent, useCallback, useEffect, useRef, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { type Field, useFields } from '@/features/records/fields'
import { CardsSkeleton } from '@/features/records/RecordCards'
import list from '@/features/records/Records.module.css'
import { TableSkeleton } from '@/features/records/RecordsTable'
import { Value } from '@/features/records/Value'
import { asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Delayed, Empty, ErrorBox } from '@/shared/states'
import { useHeightLeft } from '@/shared/useHeightLeft'
import { useNarrow } from '@/shared/useNarrow'
import { hindrance, type Kind, type Row, type Share, useClaim, usePool } from './data'
import styles from './Pool.module.css'
import { usePoolTexts } from './texts'

const AssignDialog = lazy(() => import('./AssignDialog'))

const LINE = 40
const AHEAD = 600
const PICK = 40
const NAME = 230
const WHY = 330
const SINCE = 120
const ACT = 92
const COLUMNS: Record<Kind, readonly string[]> = {
  account: ['level', 'industry', 'region'],
  lead: ['company', 'source'],
}
const WIDTHS: Record<string, number> = {
  level: 84,
  industry: 140,
  region: 96,
  company: 220,
  source: 110,
  line: 120,
}

interface Props {
  kind: Kind
  q: string
  share: Share | undefined
  mayAssign: boolean
}

/** The pool of one kind: rows leave as they are claimed, by oneself or by others. */
export function PoolList({ kind, q, share, mayAssign }: Props) {
  const t = usePoolTexts()
  const narrow = useNarrow()
  const { fields } = useFields(kind)
  const { query, rows } = usePool(kind, q)
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const [assigning, setAssigning] = useState(false)
  const claim = useClaiming(kind)
  if (query.error && !rows) return <ErrorBox error={query.error} retry={() => void query.refetch()} />
  if (!rows) return <Delayed>{narrow ? <CardsSkeleton /> : <TableSkeleton />}</Delayed>
  if (rows.length === 0) return <Empty why={q ? t('nothingFound') : t(`none.${kind}`)} />
  const columns = [...COLUMNS[kind], ...(share?.may_claim ? [] : ['line'])].flatMap((key) => {
    const field = fields.get(key)
    return field && rows.some((row) => key in row.values) ? [field] : []
  })
  const picked = rows.filter(({ id }) => chosen.has(id))
  const take = (some: readonly Row[]) => {
    setChosen(new Set([...chosen].filter((id) => !some.some((row) => row.id === id))))
    void claim(some)
  }
  const shown = {
    kind,
    rows,
    columns,
    share,
    stale: query.isPlaceholderData,
    chosen,
    choose: mayAssign || share?.may_claim ? setChosen : undefined,
    claim: (row: Row) => take([row]),
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    loading: query.isFetchingNextPage,
  }
  return (
    <>
      {picked.length > 0 && (
        <div className={list.bulk} role="status">
          <strong>{t('chosen', { count: picked.length })}</strong>
          <Button type="text" size="small" onClick={() => setChosen(new Set())}>
            {t('clear')}
          </Button>
          <span className={list.bulkActs}>
            {mayAssign && <Button onClick={() => setAssigning(true)}>{t('assign')}</Button>}
            {share?.may_claim && (
              <Button
                type="primary"
                disabled={picked.every((row) => hindrance(row, share) !== null)}
                onClick={() => take(picked)}
              >
                {t('claim')}
              </Button>
            )}
          </span>
        </div>
      )}
      {narrow ? <Cards {...shown} /> : <PoolTable {...shown} />}
      <Suspense fallback={null}>
        {assigning && (
          <AssignDialog
            kind={kind}
            ids={picked.map(({ id }) => id)}
            onClose={(done) => {
              setAssigning(false)
              if (done) setChosen(new Set())
            }}
          />
        )}
      </Suspense>
    </>
  )
}

interface ShownProps {
  kind: Kind
  rows: readonly Row[]
  columns: readonly Field[]
  share: Share | undefined
  stale: boolean
  chosen: ReadonlySet<number>
  choose: ((ids: ReadonlySet<number>) => void) | undefined
  claim: (row: Row) => void
  more: (() => void) | undefined
  loading: boolean
}

/** Pixels that the frame of the tabs takes below the table. */
const INSIDE = 32

function PoolTable({ kind, rows, columns, share, stale, chosen, choose, claim, more, loading }: ShownProps) {
  const t = usePoolTexts()
  const named = useNamed()
  const format = useFormat()
  const box = useRef<HTMLDivElement>(null)
  const height = useHeightLeft(box, INSIDE)
  const shown: TableProps<Row>['columns'] = [
    {
      key: 'name',
      title: named({ zh: '名称', en: 'Name' }),
      width: NAME,
      fixed: 'left',
      render: (_, row) => (
        <span className={list.name}>
          <Name kind={kind} row={row} />
        </span>
      ),
    },
    ...columns.map((field) => ({
      key: field.key,
      title: named(field),
      width: WIDTHS[field.key] ?? PICK * 3,
      render: (_: unknown, row: Row) => <Value field={field} row={row} />,
    })),
    { key: 'why', title: t('why'), width: WHY, render: (_, row) => <Why row={row} /> },
    {
      key: 'since',
      title: t('since'),
      width: SINCE,
      render: (_, row) => <time title={format.full(row.since)}>{format.moment(row.since)}</time>,
    },
    ...(share?.may_claim
      ? [
          {
            key: 'claim',
            width: ACT,
            fixed: 'right' as const,
            render: (_: unknown, row: Row) => <Claim row={row} share={share} claim={claim} />,
          },
        ]
      : []),
  ]
  const onScroll = ({ currentTarget: view }: UIEvent<HTMLDivElement>) => {
    if (more && !loading && view.scrollHeight - view.scrollTop - view.clientHeight < AHEAD) more()
  }
  useEffect(() => {
    // The first page may not fill the table, and rows leave it: it may never scroll.
    if (more && !loading && rows.length * LINE < height) more()
  }, [more, loading, rows.length, height])
  return (
    <div className={list.page}>
      <div ref={box} className={`${list.table} ${stale ? list.stale : ''}`} aria-busy={stale || loading}>
        <Table<Row>
          virtual
          size="small"
          rowKey="id"
          columns={shown}
          dataSource={rows as Row[]}
          pagination={false}
          scroll={{
            x: shown.reduce((sum, { width }) => sum + Number(width), choose ? PICK : 0),
            y: Math.min(height, rows.length * LINE),
          }}
          rowSelection={
            choose && {
              columnWidth: PICK,
              fixed: true,
              selectedRowKeys: [...chosen],
              onChange: (keys) => choose(new Set(keys as number[])),
              getCheckboxProps: (row) => ({ 'aria-label': t('select', { name: row.title }) }) as never,
            }
          }
          onScroll={onScroll}
        />
      </div>
    </div>
  )
}

function Cards({ kind, rows, columns, share, stale, chosen, choose, claim, more, loading }: ShownProps) {
  const t = usePoolTexts()
  const end = useRef<HTMLDivElement>(null)
  const latest = useRef(more)
  latest.current = loading ? undefined : more
  useEffect(() => {
    if (!end.current) return
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latest.current?.(),
      { rootMargin: `${AHEAD}px` },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [])
  return (
    <>
      <ul className={`${list.cards} ${stale ? list.stale : ''}`} aria-busy={stale || loading}>
        {rows.map((row) => (
          <li key={row.id} className={styles.card}>
            <span className={styles.line}>
              <strong>
                {choose && !share?.may_claim && (
                  <Checkbox
                    aria-label={t('select', { name: row.title })}
                    checked={chosen.has(row.id)}
                    onChange={({ target }) =>
                      choose(
                        new Set(
                          target.checked ? [...chosen, row.id] : [...chosen].filter((id) => id !== row.id),
                        ),
                      )
                    }
                  />
                )}{' '}
                <Name kind={kind} row={row} />
              </strong>
              {share?.may_claim && <Claim row={row} share={share} claim={claim} />}
            </span>
            <span className={styles.second}>
              {joined(
                columns
                  .filter(({ key }) => row.values[key])
                  .map((field) => <Value key={field.key} field={field} row={row} />),
              )}
            </span>
            <Why row={row} />
          </li>
        ))}
      </ul>
      <div ref={end} />
      {more && (
        <Button block loading={loading} onClick={more}>
          {t('more')}
        </Button>
      )}
    </>
  )
}

const joined = (parts: ReactNode[]): ReactNode[] =>
  parts.flatMap((part, place) => (place ? [' · ', part] : [part]))

function Name({ kind, row }: { kind: Kind; row: Row }) {
  return row.may_see ? (
    <Link to={`/${kind}s/${row.id}`} title={row.title}>
      {row.title}
    </Link>
  ) : (
    <span title={row.title}>{row.title}</span>
  )
}

/** Why a record is in the pool, and whose it was. */
function Why({ row: { why } }: { row: Row }) {
  const t = usePoolTexts()
  const format = useFormat()
  if (why?.kind !== 'recycled' && why?.kind !== 'returned')
    return <span className={styles.faint}>{t('whyNew')}</span>
  const told =
    why.kind === 'recycled'
      ? t('whyRecycled', { days: why.days })
      : t('whyReturned', { who: why.by || t('moves.foresail'), reason: why.reason })
  const beside = why.kind === 'recycled' && [
    why.last_touch_at && t('lastTouch', { when: format.day(why.last_touch_at) }),
    why.from_owner && t('from', { who: why.from_owner }),
  ]
  return (
    <span className={styles.why} title={told}>
      <span>{told}</span>
      {beside && <span className={styles.faint}>{beside.filter(Boolean).join(' · ')}</span>}
    </span>
  )
}

function Claim({ row, share, claim }: { row: Row; share: Share | undefined; claim: (row: Row) => void }) {
  const t = usePoolTexts()
  const format = useFormat()
  if (!row.may_claim) return null
  const why = hindrance(row, share)
  const told =
    why === 'cooling' ? t('cooling', { when: format.moment(row.claim_from) }) : why === null ? null : t(why)
  return (
    <Tooltip title={told}>
      <Button
        size="small"
        disabled={why !== null}
        aria-label={t('claimNamed', { name: row.title })}
        title={told ?? undefined}
        onClick={() => claim(row)}
      >
        {t('claim')}
      </Button>
    </Tooltip>
  )
}

/** Claim, and say what came of it; a single one can be opened from what is said. */
function useClaiming(kind: Kind): (rows: readonly Row[]) => Promise<void> {
  const t = usePoolTexts()
  const named = useNamed()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const claim = useClaim(kind)
  return useCallback(
    async (rows) => {
      try {
        const { done, refused } = await claim(rows)
        const reasons = [...new Set(refused.map(named))].slice(0, 3).join(' ')
        const one = rows.length === 1 ? rows[0] : undefined
        if (one && !done.length) return void message.warning(reasons, 5)
        if (refused.length)
          return void message.warning(
            `${done.length ? `${t('claimedMany', { count: done.length })}${named({ zh: '；', en: '. ' })}` : ''}${t('refused', { count: refused.length })}${reasons}`,
            6,
          )
        if (!one) return void message.success(t('claimedMany', { count: done.length }))
        const key = `claimed-${kind}-${one.id}`
        void message.open({
          key,
          type: 'success',
          duration: 6,
          content: (
            <span className={list.toast}>
              <span>{t('claimed', { name: one.title })}</span>
              <Button
                size="small"
                type="link"
                onClick={() => {
                  message.destroy(key)
                  void navigate(`/${kind}s/${one.id}`)
                }}
              >
                {t('open')}
              </Button>
            </span>
          ),
        })
      } catch (error) {
        message.error(named(asProblem(error)))
      }
    },
    [claim, kind, message, named, navigate, t],
  )
}
