import { MinusSquareOutlined, PlusSquareOutlined } from '@ant-design/icons'
import { useMemo, useState } from 'react'
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
  children: Row[]
}

/** One period, line by line and team by team. */
export function TeamsCard({ forecast, nodes, period, active, onScope }: Props) {
  const t = useForecastTexts()
  const f = useFormat()
  const money = (value: string) => f.money(value, forecast.currency)
  const rows = useMemo(() => nodes.flatMap((node) => rowsOf(node, period)), [nodes, period])
  const scaleOf = useMemo(() => scales(rows), [rows])
  const [open, setOpen] = useState(() => new Set(nodes.length === 1 ? nodes.map(({ key }) => key) : []))
  const toggle = (key: string) => {
    const next = new Set(open)
    if (!next.delete(key)) next.add(key)
    setOpen(next)
  }
  const row = ({ key, scope, total, children }: Row, depth: number): React.ReactNode => {
    const name = scope.kind === 'all' ? t('page.all') : scope.name
    return [
      <tr key={key} data-active={key === active || undefined}>
        <th scope="row">
          <span className={styles.scopeCell} style={{ paddingLeft: depth * 20 }}>
            {children.length > 0 ? (
              <button
                type="button"
                className={styles.unfold}
                aria-expanded={open.has(key)}
                aria-label={t('teams.unfold', { name })}
                onClick={() => toggle(key)}
              >
                {open.has(key) ? <MinusSquareOutlined /> : <PlusSquareOutlined />}
              </button>
            ) : (
              <span className={styles.unfold} />
            )}
            <button
              type="button"
              className={styles.scopeLink}
              aria-current={key === active || undefined}
              onClick={() => onScope(key)}
            >
              {name}
            </button>
          </span>
        </th>
        <td className={styles.barCell}>
          <Bullet
            scale={scaleOf.get(key) ?? 1}
            won={Number(total.won)}
            low={Number(total.expected.low)}
            mean={Number(total.expected.mean)}
            high={Number(total.expected.high)}
            best={Number(total.best)}
            estimate={Number(estimateOf(forecast, scope, period)?.amount ?? Number.NaN) || null}
          />
        </td>
        <td>
          <span className={styles.expected}>
            <b>{money(total.expected.mean)}</b>
            <small>
              {money(total.expected.low)}–{money(total.expected.high)}
            </small>
          </span>
        </td>
        <td>{money(total.won)}</td>
        <td>{money(total.best)}</td>
        <td>
          <EstimateCell forecast={forecast} scope={scope} total={total} />
        </td>
        <td>{f.number(total.deals)}</td>
      </tr>,
      ...(open.has(key) ? children.map((child) => row(child, depth + 1)) : []),
    ]
  }
  return (
    <section className={styles.card} aria-labelledby="teams">
      <header className={styles.cardHead}>
        <h2 id="teams">{t('teams.title', { period: f.period(period) })}</h2>
      </header>
      <div className={styles.scroller}>
        <table className={styles.teams}>
          <thead>
            <tr>
              <th scope="col">{t('teams.name')}</th>
              <th scope="col" className={styles.barCell}>
                <span className="visually-hidden">{t('teams.bar')}</span>
              </th>
              <th scope="col">{t('periods.mean')}</th>
              <th scope="col">{t('periods.won')}</th>
              <th scope="col">{t('periods.best')}</th>
              <th scope="col">{t('periods.estimate')}</th>
              <th scope="col">{t('teams.deals')}</th>
            </tr>
          </thead>
          <tbody>{rows.map((one) => row(one, 0))}</tbody>
        </table>
      </div>
    </section>
  )
}

function rowsOf(node: Node, period: string): Row[] {
  const total = totalOf(node.scope, period)
  const children = node.children.flatMap((child) => rowsOf(child, period))
  return total ? [{ key: node.key, scope: node.scope, total, children }] : children
}

/** Rows of one level share a scale, or the small ones would be invisible beside their sum. */
function scales(rows: Row[], into = new Map<string, number>()): Map<string, number> {
  const ends = rows.flatMap(({ total }) => [Number(total.best), Number(total.expected.high)])
  for (const { key } of rows) into.set(key, 1.04 * Math.max(1, ...ends))
  const below = rows.flatMap(({ children }) => children)
  return below.length ? scales(below, into) : into
}
