import { Grid, Table, type TableProps } from 'antd'
import { useMemo } from 'react'
import { useFormat } from '@/shared/format'
import { useForecastTexts } from '../texts'
import type { Forecast, PeriodTotal, ScopeTotals } from '../types'
import { Bullet } from './Bullet'
import { EstimateCell } from './EstimateCell'
import styles from './Page.module.css'
import { estimateOf, type Node, totalOf } from './scopes'

interface Props {
  forecast: Forecast
  nodes: Node[]
  period: string
  active: string
  onScope: (key: string) => void
}

interface Row {
  key: string
  scope: ScopeTotals
  total: PeriodTotal
  children?: Row[]
}

/** One period, line by line and team by team. */
export function TeamsCard({ forecast, nodes, period, active, onScope }: Props) {
  const t = useForecastTexts()
  const f = useFormat()
  const wide = Grid.useBreakpoint().md ?? true
  const money = (value: string) => f.money(value, forecast.currency)
  const rows = useMemo(() => nodes.flatMap((node) => rowsOf(node, period)), [nodes, period])
  const scaleOf = useMemo(() => scales(rows), [rows])
  const columns: TableProps<Row>['columns'] = [
    {
      title: t('teams.name'),
      key: 'name',
      fixed: wide ? undefined : 'left',
      width: wide ? 240 : 170,
      render: (_, { key, scope }) => (
        <button
          type="button"
          className={styles.scopeLink}
          aria-current={key === active || undefined}
          onClick={() => onScope(key)}
        >
          {scope.kind === 'all' ? t('page.all') : scope.name}
        </button>
      ),
    },
    ...(wide
      ? [
          {
            key: 'bar',
            width: 220,
            render: (_: unknown, { key, scope, total }: Row) => (
              <Bullet
                scale={scaleOf.get(key) ?? 1}
                won={Number(total.won)}
                low={Number(total.expected.low)}
                mean={Number(total.expected.mean)}
                high={Number(total.expected.high)}
                best={Number(total.best)}
                estimate={Number(estimateOf(forecast, scope, period)?.amount ?? Number.NaN) || null}
              />
            ),
            title: <span className="visually-hidden">{t('teams.bar')}</span>,
          },
        ]
      : []),
    {
      title: t('periods.mean'),
      key: 'mean',
      align: 'right',
      width: wide ? 200 : 130,
      render: (_, { total }) => (
        <span className={styles.expected}>
          <b>{money(total.expected.mean)}</b>
          <small>
            {money(total.expected.low)}–{money(total.expected.high)}
          </small>
        </span>
      ),
    },
    {
      title: t('periods.won'),
      key: 'won',
      align: 'right',
      width: 96,
      render: (_, { total }) => money(total.won),
    },
    {
      title: t('periods.best'),
      key: 'best',
      align: 'right',
      width: 96,
      render: (_, { total }) => money(total.best),
    },
    {
      title: t('periods.estimate'),
      key: 'estimate',
      align: 'right',
      width: 170,
      render: (_, { scope, total }) => <EstimateCell forecast={forecast} scope={scope} total={total} />,
    },
    {
      title: t('teams.deals'),
      key: 'deals',
      align: 'right',
      width: 76,
      render: (_, { total }) => f.number(total.deals),
    },
  ]
  return (
    <section className={styles.card} aria-labelledby="teams">
      <header className={styles.cardHead}>
        <h2 id="teams">{t('teams.title', { period: f.period(period) })}</h2>
      </header>
      <Table<Row>
        size="small"
        columns={columns}
        dataSource={rows}
        pagination={false}
        scroll={{ x: wide ? 900 : 740 }}
        expandable={{ defaultExpandedRowKeys: nodes.length === 1 ? nodes.map(({ key }) => key) : [] }}
        rowClassName={({ key }) => (key === active ? (styles.activeRow ?? '') : '')}
      />
    </section>
  )
}

/** What is nowhere expected to bring anything in this period still has its row: an empty one. */
function rowsOf(node: Node, period: string): Row[] {
  const total = totalOf(node.scope, period)
  if (!total) return []
  const children = node.children.flatMap((child) => rowsOf(child, period))
  return [{ key: node.key, scope: node.scope, total, ...(children.length && { children }) }]
}

/** Rows of one level share a scale, or the small ones would be invisible beside their sum. */
function scales(rows: Row[], into = new Map<string, number>()): Map<string, number> {
  const scale =
    1.04 * Math.max(1, ...rows.flatMap(({ total }) => [Number(total.best), Number(total.expected.high)]))
  for (const row of rows) into.set(row.key, scale)
  const below = rows.flatMap((row) => row.children ?? [])
  return below.length ? scales(below, into) : into
}
