import { SearchOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input, Segmented, Select, Skeleton } from 'antd'
import { type CSSProperties, lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useFormat } from '@/shared/format'
import { useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { useColours } from '@/shared/theme'
import { useDebounced } from '@/shared/useDebounced'
import { useNarrow } from '@/shared/useNarrow'
import { cellOf, daysBefore, readView, SPANS, type View, writeView } from './cells'
import { type HeatMap, type HeatRow, useMap, useTopicName } from './data'
import { Grid } from './Grid'
import styles from './Interest.module.css'
import { PhoneList } from './PhoneList'
import { useInterestTexts } from './texts'

const WhyPanel = lazy(() => import('./WhyPanel'))
const REST = 300

export interface Column {
  key: string | number
  /** What stands above it, which may be nothing where there is no room for all. */
  short: string
  name: string
  /** Whether nothing might be collected then. */
  before: boolean
}

/** The map, what it shows, and the signals behind the cell that is open. */
export function MapTab() {
  const t = useInterestTexts()
  const narrow = useNarrow()
  const [search, setSearch] = useSearchParams()
  const view = useMemo(() => readView(search), [search])
  const change = useCallback(
    (some: Partial<View>) => setSearch((now) => writeView({ ...readView(now), ...some }), { replace: true }),
    [setSearch],
  )
  const [words, setWords] = useState(view.q)
  const q = useDebounced(words.trim(), REST)
  // Words go to the address once they rest; an address that comes from elsewhere goes to the words.
  const written = useRef(view.q)
  useEffect(() => {
    if (q === written.current) return
    written.current = q
    change({ q })
  }, [q, change])
  useEffect(() => {
    if (view.q === written.current) return
    written.current = view.q
    setWords(view.q)
  }, [view.q])
  const query = useMap(view, q)
  const columns = useColumns(query.data, view)
  const back = useRef<HTMLElement | null>(null)
  const open = useCallback(
    (row: HeatRow, column?: Column) => {
      back.current = document.activeElement as HTMLElement | null
      const key = column?.key
      change({
        at: {
          account: row.account.id,
          ...(typeof key === 'string' && { day: key }),
          ...(typeof key === 'number' && { topic: key }),
        },
      })
    },
    [change],
  )
  const close = useCallback(() => {
    change({ at: null })
    back.current?.focus({ preventScroll: true })
  }, [change])
  const { at } = view
  const shown = at && query.data?.rows.find(({ account }) => account.id === at.account)
  const { heat } = useColours()
  const colours = Object.fromEntries(heat.map((colour, step) => [`--heat-${step}`, colour])) as CSSProperties
  return (
    <div className={styles.page} style={colours}>
      <div className={styles.bar}>
        <Segmented<View['by']>
          aria-label={t('by.label')}
          value={view.by}
          options={(['day', 'topic'] as const).map((value) => ({ value, label: t(`by.${value}`) }))}
          onChange={(by) => change({ by, at: null })}
        />
        {view.by === 'day' && (
          <Select<View['days']>
            aria-label={t('days.label')}
            value={view.days}
            options={SPANS.map((value) => ({ value, label: t('days.last', { count: value }) }))}
            onChange={(days) => change({ days, at: null })}
          />
        )}
        <Input
          className={styles.words}
          allowClear
          data-filter
          prefix={<SearchOutlined aria-hidden />}
          aria-label={t('search')}
          placeholder={t('search')}
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
        <Checkbox checked={view.mine} onChange={({ target }) => change({ mine: target.checked })}>
          {t('mine')}
        </Checkbox>
        <Legend />
      </div>
      <Loaded query={query} skeleton={<Waits />}>
        {(map) =>
          map.rows.length === 0 ? (
            <Nothing
              map={map}
              narrowed={Boolean(q) || view.mine}
              clear={() => {
                setWords('')
                change({ q: '', mine: false })
              }}
            />
          ) : (
            <>
              <Found map={map} />
              {narrow ? (
                <PhoneList rows={map.rows} columns={columns} by={view.by} open={open} />
              ) : (
                <Grid
                  key={`${view.by}-${view.days}`}
                  rows={map.rows}
                  columns={columns}
                  numbers={view.by === 'topic' || view.days === 7}
                  at={at}
                  open={open}
                  close={close}
                />
              )}
            </>
          )
        }
      </Loaded>
      {at && (
        <Suspense fallback={null}>
          <WhyPanel
            account={shown ? shown.account : { id: at.account, name: '' }}
            day={at.day}
            topic={at.topic}
            barred={
              shown?.refused
                ? 'refused'
                : at.day && query.data && (query.data.since === null || at.day < query.data.since)
                  ? 'before'
                  : undefined
            }
            beside={!narrow}
            close={close}
          />
        </Suspense>
      )}
    </div>
  )
}

/** How many columns share one word above them. */
const EACH = { 7: 1, 28: 2, 84: 7 } as const

function useColumns(map: HeatMap | undefined, { days: span }: View): readonly Column[] {
  const t = useInterestTexts()
  const format = useFormat()
  const nameOf = useTopicName(t('why.other'))
  const { days = [], topics = [], since = null } = map ?? {}
  const names = topics.map(nameOf).join('\n')
  return useMemo(() => {
    const before = daysBefore(days, since)
    const last = days.length - 1
    return days.length > 0
      ? days.map((day, place) => ({
          key: day,
          short: (last - place) % EACH[span] ? '' : format.day(day),
          name: format.day(day),
          before: place < before,
        }))
      : names.split('\n').flatMap((name, place) => {
          const key = topics[place]
          return key === undefined ? [] : [{ key, short: name, name, before: since === null }]
        })
  }, [days, topics, since, span, format, names])
}

function Found({ map: { rows, total } }: { map: HeatMap }) {
  const t = useInterestTexts()
  const { number } = useFormat()
  return (
    <p className={styles.faint} role="status">
      {rows.length < total
        ? t('first', { number: number(rows.length), total: number(total) })
        : t('found', { count: total, number: number(total) })}
    </p>
  )
}

function Legend() {
  const t = useInterestTexts()
  return (
    <div className={styles.legend} role="img" aria-label={t('legend.label')}>
      <span>
        {t('legend.weak')}
        <span className={styles.scale}>
          {[10, 30, 50, 70, 90].map((value) => (
            <i key={value} className={styles.swatch} data-heat={cellOf(value, false)} />
          ))}
        </span>
        {t('legend.strong')}
      </span>
      {(['none', 'barred'] as const).map((cell) => (
        <span key={cell}>
          <i className={styles.swatch} data-heat={cell} />
          {t(cell)}
        </span>
      ))}
    </div>
  )
}

function Nothing({ map, narrowed, clear }: { map: HeatMap; narrowed: boolean; clear: () => void }) {
  const t = useInterestTexts()
  const { data: me } = useMe()
  if (narrowed)
    return <Empty why={t('empty.found')} action={<Button onClick={clear}>{t('empty.clear')}</Button>} />
  const bounded = map.since !== null
  return (
    <Empty
      why={t(bounded ? 'empty.nothing' : 'empty.noBoundary')}
      action={
        <span className={styles.actions}>
          {me?.offers.includes('governance') && (
            <Link to={bounded ? '/governance?tab=keys' : '/governance'}>
              {t(bounded ? 'empty.keys' : 'empty.boundary')}
            </Link>
          )}
          <Link to="/interest/topics">{t('empty.topics')}</Link>
        </span>
      }
    />
  )
}

function Waits() {
  return (
    <div className={styles.waits}>
      {Array.from({ length: 12 }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
        <Skeleton.Button key={place} active block size="small" />
      ))}
    </div>
  )
}
