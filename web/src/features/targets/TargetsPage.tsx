import {
  EditOutlined,
  LeftOutlined,
  MinusSquareOutlined,
  PlusSquareOutlined,
  RightOutlined,
} from '@ant-design/icons'
import { Button, Checkbox, Segmented } from 'antd'
import { useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import { api } from '@/shared/api'
import { type Format, useFormat } from '@/shared/format'
import { Lacking } from '@/shared/Lacking'
import { useLive } from '@/shared/live'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { SetTargets } from './SetTargets'
import { type Attainment, amountOf, type Node, rateOf, type Span, type Sum, sumOf, treeOf } from './sums'
import styles from './TargetsPage.module.css'
import { useTargetsTexts } from './texts'

const KEY = ['get', '/api/targets']
const SPANS: readonly Span[] = [1, 2, 3, 4, 'year']

/** What everybody is to win and has won, from the company down to the person. */
export default function TargetsPage() {
  const t = useTargetsTexts()
  useTitle(t('title'))
  const [search, setSearch] = useSearchParams()
  const today = new Date()
  const year = Number(search.get('year')) || today.getFullYear()
  const span = spanOf(search.get('period')) ?? ((Math.floor(today.getMonth() / 3) + 1) as Span)
  const choose = (name: string, value: string) =>
    setSearch(
      (now) => {
        now.set(name, value)
        return now
      },
      { replace: true },
    )
  const query = api.useQuery('get', '/api/targets', { params: { query: { year } } })
  useLive(
    [
      ['targets', 0],
      ['deals', 0],
      ['currencies', 0],
    ],
    [KEY],
    1_000,
  )
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        <div className={styles.year}>
          <Button
            type="text"
            size="small"
            icon={<LeftOutlined />}
            aria-label={`${t('year')} ${year - 1}`}
            onClick={() => choose('year', String(year - 1))}
          />
          <b>{year}</b>
          <Button
            type="text"
            size="small"
            icon={<RightOutlined />}
            aria-label={`${t('year')} ${year + 1}`}
            onClick={() => choose('year', String(year + 1))}
          />
        </div>
        <Segmented
          className={styles.right}
          aria-label={t('period')}
          value={span}
          onChange={(value) => choose('period', String(value))}
          options={SPANS.map((each) => ({
            value: each,
            label: each === 'year' ? t('wholeYear') : t('q', { quarter: each }),
          }))}
        />
      </header>
      <p className={styles.intro}>{t('intro')}</p>
      <Loaded query={query}>
        {({ rows, currency, lacking }) =>
          rows.length ? (
            <>
              <Lacking lacking={lacking} />
              <Targets rows={rows} currency={currency} span={span} year={year} />
            </>
          ) : (
            <Empty why={t('empty')} />
          )
        }
      </Loaded>
    </div>
  )
}

function spanOf(text: string | null): Span | null {
  if (text === 'year') return 'year'
  const quarter = Number(text)
  return quarter >= 1 && quarter <= 4 ? (quarter as Span) : null
}

interface TargetsProps {
  rows: Attainment[]
  currency: string
  span: Span
  year: number
}

function Targets({ rows, currency, span, year }: TargetsProps) {
  const t = useTargetsTexts()
  const f = useFormat()
  const some = rows.some(counts)
  const [all, setAll] = useState(false)
  const shown = useMemo(() => (all || !some ? rows : rows.filter(counts)), [all, some, rows])
  const tree = useMemo(() => treeOf(shown), [shown])
  const hidden = rows.filter((row) => !counts(row)).length
  const [folded, setFolded] = useState<ReadonlySet<string>>(() => new Set(foldedAtFirst(tree)))
  const [setting, setSetting] = useState<Attainment | null>(null)
  const toggle = (key: string) => {
    const next = new Set(folded)
    if (!next.delete(key)) next.add(key)
    setFolded(next)
  }
  const money = (value: bigint | null) => f.money(value === null ? null : amountOf(value), currency)
  const line = ({ key, row, children }: Node, depth: number): React.ReactNode => {
    const name = row.kind === 'all' ? t('all') : row.name
    const sum = sumOf(row, span)
    return [
      <tr key={key} data-kind={row.kind}>
        <th scope="row">
          <span className={styles.scope} style={{ paddingLeft: `calc(var(--step) * ${depth})` }}>
            {children.length > 0 ? (
              <button
                type="button"
                className={styles.unfold}
                aria-expanded={!folded.has(key)}
                aria-label={t('unfold', { name })}
                onClick={() => toggle(key)}
              >
                {folded.has(key) ? <PlusSquareOutlined /> : <MinusSquareOutlined />}
              </button>
            ) : (
              <span className={styles.unfold} />
            )}
            {name}
          </span>
        </th>
        <td className={styles.barCell}>
          <Bar sum={sum} />
        </td>
        <td>
          <Rate sum={sum} f={f} />
        </td>
        <td title={f.moneyExact(amountOf(sum.won), currency)}>{money(sum.won)}</td>
        <td>
          {sum.base === null ? <span className={styles.faint}>{t('none')}</span> : money(sum.base)}
          {sum.set > 0 && sum.set < sum.of && (
            <small className={styles.faint}>{t('partly', { count: sum.set })}</small>
          )}
        </td>
        <td className={styles.wideOnly}>{money(sum.stretch)}</td>
        <td className={styles.wideOnly}>
          {sum.base === null ? '—' : sum.won >= sum.base ? t('met') : money(sum.base - sum.won)}
        </td>
        <td>
          {row.may_set && (
            <Button
              size="small"
              type="text"
              icon={<EditOutlined />}
              title={t('set')}
              aria-label={t('setOf', { name })}
              onClick={() => setSetting(row)}
            />
          )}
        </td>
      </tr>,
      folded.has(key) ? null : children.map((child) => line(child, depth + 1)),
    ]
  }
  return (
    <section className={styles.card}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('scope')}</th>
            <th scope="col" className={styles.barCell}>
              <span className="visually-hidden">{t('rate')}</span>
            </th>
            <th scope="col">{t('rate')}</th>
            <th scope="col">{t('won')}</th>
            <th scope="col">{t('target')}</th>
            <th scope="col" className={styles.wideOnly}>
              {t('stretch')}
            </th>
            <th scope="col" className={styles.wideOnly}>
              {t('gap')}
            </th>
            <th scope="col">
              <span className="visually-hidden">{t('set')}</span>
            </th>
          </tr>
        </thead>
        <tbody>{tree.map((node) => line(node, 0))}</tbody>
      </table>
      {some && hidden > 0 && (
        <footer className={styles.foot}>
          <Checkbox checked={all} onChange={(event) => setAll(event.target.checked)}>
            {t('others', { count: hidden })}
          </Checkbox>
        </footer>
      )}
      {setting && <SetTargets row={setting} year={year} onClose={() => setSetting(null)} />}
    </section>
  )
}

/** Whether a row says something: it has a target this year, or won something. */
function counts({ months }: Attainment): boolean {
  return months.some(({ base, won }) => base !== null || Number(won) > 0)
}

/** With many people, teams begin folded: lines and teams are what is compared first. */
function foldedAtFirst(nodes: readonly Node[]): string[] {
  return nodes.flatMap(({ key, row, children }) => [
    ...(row.kind === 'team' && children.length > 0 && nodes.length > 1 ? [key] : []),
    ...foldedAtFirst(children),
  ])
}

function Rate({ sum, f }: { sum: Sum; f: Format }) {
  const rate = rateOf(sum)
  if (rate === null) return <span className={styles.faint}>—</span>
  return <b data-met={rate >= 1 || undefined}>{`${f.number(Math.floor(rate * 1000) / 10, 1)}%`}</b>
}

/** What is attained, on a track as long as the stretch, with a mark at the target. */
function Bar({ sum }: { sum: Sum }) {
  if (sum.base === null) return null
  const ends = [sum.base, sum.stretch ?? 0n, sum.won]
  const length = ends.reduce((most, each) => (each > most ? each : most), 1n)
  const share = (value: bigint) => `${Number((value * 1000n) / length) / 10}%`
  return (
    <div className={styles.bar} aria-hidden="true">
      <i data-met={sum.won >= sum.base || undefined} style={{ width: share(sum.won) }} />
      <b style={{ left: share(sum.base) }} />
    </div>
  )
}
