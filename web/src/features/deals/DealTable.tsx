import { Button, Skeleton, Table, type TableProps } from 'antd'
import { type UIEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { usePrefs } from '@/shared/prefs'
import { useSharedTexts } from '@/shared/texts'
import { Chance, Expected, Money, Owner, Stage } from './cells'
import styles from './DealsPage.module.css'
import type { Deal } from './data'
import type { Filter } from './filter'
import type { ListProps } from './list'
import { useDealsTexts } from './texts'
import { useWalk } from './useWalk'

const HEAD = 40
const LEAST_HEIGHT = 320
const MARGIN = 16
/** The next page is fetched when fewer than so many pixels are left below. */
const AHEAD = 600
const SORTED: Partial<Record<Filter['sort'], [column: string, order: 'ascend' | 'descend']>> = {
  '-amount': ['amount', 'descend'],
  amount: ['amount', 'ascend'],
  expected_close_on: ['expected', 'ascend'],
}

export function DealTable({
  deals,
  outlooks,
  stagesOf,
  filter,
  change,
  stale,
  more,
  loading,
  failed,
}: ListProps) {
  const t = useDealsTexts()
  const dense = usePrefs((prefs) => prefs.dense)
  const navigate = useNavigate()
  const box = useRef<HTMLDivElement>(null)
  const table = useRef<{ scrollTo: (to: { index: number }) => void } | null>(null)
  const height = useHeightLeft(box)
  const at = useWalk(deals.length, {
    to: (index) => table.current?.scrollTo({ index }),
    enter: (index) => deals[index] && void navigate(`/deals/${deals[index].id}`),
  })
  const sortedBy = (column: string) => {
    const [name, order] = SORTED[filter.sort] ?? []
    return name === column ? order : null
  }
  const columns: TableProps<Deal>['columns'] = [
    {
      key: 'deal',
      title: t('column.deal'),
      width: 230,
      render: (_, deal) => (
        <span className={styles.name}>
          <Link to={`/deals/${deal.id}`} title={deal.name} onClick={(event) => event.stopPropagation()}>
            {deal.name}
          </Link>
          <span className={styles.faint}>{deal.number}</span>
        </span>
      ),
    },
    {
      key: 'account',
      title: t('column.account'),
      width: 150,
      ellipsis: true,
      render: (_, deal) => deal.account.name,
    },
    {
      key: 'amount',
      title: t('column.amount'),
      width: 116,
      align: 'right',
      className: styles.number,
      sorter: true,
      sortOrder: sortedBy('amount'),
      sortDirections: ['descend', 'ascend'],
      render: (_, deal) => <Money deal={deal} />,
    },
    {
      key: 'stage',
      title: t('column.stage'),
      width: 128,
      render: (_, deal) => <Stage deal={deal} count={stagesOf.get(deal.pipeline)} />,
    },
    {
      key: 'chance',
      title: t('column.chance'),
      width: 140,
      render: (_, deal) => <Chance deal={deal} outlooks={outlooks} />,
    },
    {
      key: 'expected',
      title: t('column.expected'),
      width: 112,
      sorter: true,
      sortOrder: sortedBy('expected'),
      sortDirections: ['ascend'],
      render: (_, deal) => <Expected deal={deal} />,
    },
    {
      key: 'owner',
      title: t('column.owner'),
      width: 90,
      ellipsis: true,
      render: (_, deal) => <Owner deal={deal} />,
    },
  ]

  const onScroll = ({ currentTarget: view }: UIEvent<HTMLDivElement>) => {
    if (more && !loading && !failed && view.scrollHeight - view.scrollTop - view.clientHeight < AHEAD) more()
  }
  useEffect(() => {
    // The first page may not fill the table, which then never scrolls.
    if (more && !loading && !failed && deals.length * HEAD < height) more()
  }, [more, loading, failed, deals.length, height])

  return (
    <>
      <div
        ref={box}
        className={`${styles.table} ${dense ? styles.dense : ''} ${stale ? styles.stale : ''}`}
        aria-busy={stale || loading}
      >
        <Table<Deal>
          ref={table as never}
          virtual
          size="small"
          rowKey="id"
          columns={columns}
          dataSource={deals as Deal[]}
          pagination={false}
          scroll={{ x: 966, y: Math.min(height, Math.max(deals.length, 1) * (dense ? 32 : 40)) }}
          showSorterTooltip={false}
          onChange={(_, __, sorted) => {
            const { columnKey, order } = Array.isArray(sorted) ? (sorted[0] ?? {}) : sorted
            const [sort] =
              Object.entries(SORTED).find(([, [name, way]]) => name === columnKey && way === order) ?? []
            change({ sort: (sort as Filter['sort']) ?? '-opened_at' })
          }}
          onScroll={onScroll}
          rowClassName={(_, index) => (index === at ? (styles.chosen ?? '') : '')}
          onRow={(deal) => ({
            onClick: () => {
              // Not when somebody marks text in the row.
              if (!getSelection()?.toString()) void navigate(`/deals/${deal.id}`)
            },
          })}
        />
      </div>
      {failed ? <MoreFailed retry={more} /> : null}
    </>
  )
}

export function MoreFailed({ retry }: { retry: (() => void) | undefined }) {
  const t = useDealsTexts()
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

/** How much of the window is left below the table's head. */
function useHeightLeft(box: React.RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(LEAST_HEIGHT)
  useLayoutEffect(() => {
    const measure = () => {
      const top = (box.current?.getBoundingClientRect().top ?? 0) + scrollY
      setHeight(Math.max(LEAST_HEIGHT, Math.floor(innerHeight - top - HEAD - MARGIN - 2)))
    }
    measure()
    // Filters may wrap, and a bar may appear above.
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    if (box.current?.parentElement) observer.observe(box.current.parentElement)
    addEventListener('resize', measure)
    return () => {
      observer.disconnect()
      removeEventListener('resize', measure)
    }
  }, [box])
  return height
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
