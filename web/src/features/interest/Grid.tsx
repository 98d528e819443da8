// biome-ignore-all lint/a11y/useSemanticElements: rows lie where they are put, as no table puts them
// biome-ignore-all lint/a11y/useFocusableInteractive: one cell has the focus for all, and takes it along
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { Link } from 'react-router'
import { useFormat } from '@/shared/format'
import { useLanguage } from '@/shared/i18n'
import { useDebounced } from '@/shared/useDebounced'
import { useHeightLeft } from '@/shared/useHeightLeft'
import { windowOf } from '@/shared/windowOf'
import { cellOf, moved, type Place, type View } from './cells'
import { type HeatRow, useInterestLive } from './data'
import styles from './Interest.module.css'
import type { Column } from './MapTab'
import { Surge, useRise } from './Strength'
import { useInterestTexts } from './texts'

const ROW = 30
const HEAD = 34
/** Columns before the cells: the account, and its strength with the rise. */
const FIRST = 2
/** Rows that are listened to come in blocks, so that scrolling is not one subscription after the other. */
const BLOCK = 40
const REST = 400

interface Props {
  rows: readonly HeatRow[]
  columns: readonly Column[]
  /** Whether cells are wide enough to say what they hold. */
  numbers: boolean
  at: View['at']
  open: (row: HeatRow, column?: Column) => void
  close: () => void
}

/** Accounts by days or topics. Only the rows near what is seen are there; the arrows move one focus through all of them. */
export function Grid({ rows, columns, numbers, at, open, close }: Props) {
  const t = useInterestTexts()
  const box = useRef<HTMLDivElement>(null)
  const tip = useRef<HTMLDivElement>(null)
  const height = useHeightLeft(box, 0)
  const [top, setTop] = useState(0)
  const [place, setPlace] = useState<Place>({ row: 0, column: FIRST })
  const moving = useRef(false)
  const seen = Math.max(height - HEAD, ROW)
  const [first, end] = windowOf(rows.length, { top, height: seen, each: ROW })
  const focus = { row: Math.min(place.row, rows.length - 1), column: place.column }
  const near = useMemo(() => {
    const found = Array.from({ length: end - first }, (_, index) => first + index)
    // What has the focus stays, however far one scrolls: without it the keyboard would be nowhere.
    return focus.row < first ? [focus.row, ...found] : focus.row >= end ? [...found, focus.row] : found
  }, [first, end, focus.row])
  const from = useDebounced(Math.floor(first / BLOCK) * BLOCK, REST)
  const to = useDebounced(Math.ceil(end / BLOCK) * BLOCK, REST)
  const words = useWords()
  useInterestLive(useMemo(() => rows.slice(from, to).map(({ account }) => account.id), [rows, from, to]))

  const latest = useRef({ rows, columns, open })
  latest.current = { rows, columns, open }
  const openAt = useCallback(({ row, column }: Place) => {
    const { rows, columns, open } = latest.current
    const found = rows[row]
    if (found && column > 0) open(found, columns[column - FIRST])
  }, [])

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape' && at) return close()
    if (event.altKey || event.shiftKey) return
    if ((event.key === 'Enter' || event.key === ' ') && focus.column > 0) {
      event.preventDefault()
      return openAt(focus)
    }
    const size = {
      rows: rows.length,
      columns: FIRST + columns.length,
      page: Math.max(1, Math.floor(seen / ROW) - 1),
    }
    const next = moved(focus, event.key, event.ctrlKey || event.metaKey, size)
    if (!next) return
    event.preventDefault()
    moving.current = true
    const over = next.row * ROW
    const element = box.current
    // Less than its height: its own bar may lie across the end, and a frame around a cell wants room.
    const room = (element?.clientHeight ?? 0) - HEAD - 4
    if (element && over < element.scrollTop) element.scrollTop = over
    else if (element && over + ROW > element.scrollTop + room) element.scrollTop = over + ROW - room
    setPlace(next)
  }

  useLayoutEffect(() => {
    if (!moving.current) return
    moving.current = false
    const element = box.current?.querySelector<HTMLElement>(`[data-at="${place.row}-${place.column}"]`)
    element?.focus({ preventScroll: true })
    // Sideways only, and clear of the names that stay where they are.
    const room = box.current
    if (!element || !room || place.column < FIRST) return
    const cell = element.getBoundingClientRect()
    const view = room.getBoundingClientRect()
    const names = room.querySelector('[data-names]')?.getBoundingClientRect().right ?? view.left
    if (cell.left < names) room.scrollLeft -= names - cell.left + 4
    else if (cell.right > view.right - 12) room.scrollLeft += cell.right - view.right + 16
  }, [place])

  const placeOf = (target: EventTarget) => {
    const found = (target as Element).closest<HTMLElement>('[data-at]')
    const [row, column] = found?.dataset.at?.split('-').map(Number) ?? []
    return found && row !== undefined && column !== undefined ? { found, row, column } : null
  }
  function onClick(event: MouseEvent) {
    const hit = placeOf(event.target)
    if (!hit || hit.column === 0) return
    setPlace(hit)
    hit.found.focus({ preventScroll: true })
    openAt(hit)
  }
  function onMouseOver(event: MouseEvent) {
    const hit = placeOf(event.target)
    const label = tip.current
    if (!label) return
    label.hidden = !hit || hit.column < FIRST
    if (label.hidden || !hit) return
    const { left, top: above, width } = hit.found.getBoundingClientRect()
    label.textContent = hit.found.getAttribute('aria-label')
    label.style.transform = `translate(${left + width / 2}px, ${above - 6}px) translate(-50%, -100%)`
  }
  const hideTip = () => {
    if (tip.current) tip.current.hidden = true
  }
  useEffect(() => {
    // The tip lies in the window, the cell in the box.
    const element = box.current
    element?.addEventListener('scroll', hideTip, { passive: true })
    return () => element?.removeEventListener('scroll', hideTip)
  })

  const chosen = at ? FIRST + columns.findIndex(({ key }) => key === (at.day ?? at.topic)) : -1
  const least = numbers ? (typeof columns[0]?.key === 'number' ? 84 : 40) : columns.length > 40 ? 8 : 20
  const sizes = {
    '--columns': columns.length,
    '--least': `${least}px`,
    '--gap': columns.length > 40 ? '1px' : '2px',
  } as CSSProperties
  return (
    <div
      ref={box}
      className={typeof columns[0]?.key === 'number' ? `${styles.grid} ${styles.wide}` : styles.grid}
      style={{ ...sizes, height: Math.min(height, HEAD + rows.length * ROW + 16) }}
      role="grid"
      aria-label={t('grid')}
      aria-rowcount={rows.length + 1}
      aria-colcount={FIRST + columns.length}
      onScroll={({ currentTarget }) => setTop(Math.floor(currentTarget.scrollTop / ROW) * ROW)}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onMouseOver={onMouseOver}
      onMouseLeave={hideTip}
      onFocus={(event) => {
        const hit = placeOf(event.target)
        if (hit && !moving.current && (hit.row !== focus.row || hit.column !== focus.column)) setPlace(hit)
      }}
    >
      <Head columns={columns} />
      <div className={styles.gridBody} role="rowgroup" style={{ height: rows.length * ROW }}>
        {near.map((index) => {
          const row = rows[index]
          return (
            row && (
              <Row
                key={row.account.id}
                row={row}
                index={index}
                columns={columns}
                numbers={numbers}
                words={words}
                focus={index === focus.row ? focus.column : -1}
                chosen={
                  at?.account !== row.account.id
                    ? -1
                    : at.day === undefined && at.topic === undefined
                      ? 1
                      : chosen
                }
              />
            )
          )
        })}
      </div>
      <div ref={tip} className={styles.tip} hidden aria-hidden />
    </div>
  )
}

const Head = memo(function Head({ columns }: Pick<Props, 'columns'>) {
  const t = useInterestTexts()
  return (
    <div className={styles.gridHead} role="rowgroup">
      <div className={styles.gridRow} role="row" aria-rowindex={1}>
        <span role="columnheader" aria-colindex={1} data-names>
          {t('account')}
        </span>
        <span role="columnheader" aria-colindex={2}>
          {t('strength')}
        </span>
        {columns.map(({ key, short, name, before }, index) => (
          <span
            key={key}
            role="columnheader"
            aria-colindex={FIRST + index + 1}
            aria-label={before ? `${name}, ${t('barred')}` : name}
            title={typeof key === 'number' ? name : undefined}
          >
            {short}
          </span>
        ))}
      </div>
    </div>
  )
})

type Words = ReturnType<typeof useWords>

/** What rows say, looked up once: hundreds of rows may pass by in a second. */
function useWords() {
  const t = useInterestTexts()
  const { number } = useFormat()
  const rise = useRise()
  const language = useLanguage()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts change with the language alone
  return useMemo(
    () => ({
      number,
      rise,
      none: t('none'),
      barred: t('barred'),
      surging: t('rise.surging'),
      values: Array.from({ length: 101 }, (_, value) => t('value', { value })),
      whole: (row: HeatRow) =>
        [
          row.account.name,
          t('whole', { strength: number(row.strength), rise: rise(row.rise) }),
          ...(row.rise.surging ? [t('rise.surging')] : []),
        ].join(', '),
    }),
    [language],
  )
}

interface RowProps {
  row: HeatRow
  index: number
  columns: readonly Column[]
  numbers: boolean
  words: Words
  focus: number
  chosen: number
}

const Row = memo(function Row({ row, index, columns, numbers, words, focus, chosen }: RowProps) {
  const { account, refused, cells } = row
  return (
    <div
      className={styles.gridRow}
      role="row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${index * ROW}px)` }}
    >
      <span role="rowheader" aria-colindex={1}>
        <Link
          className={styles.account}
          to={`/accounts/${account.id}`}
          title={account.name}
          data-at={`${index}-0`}
          tabIndex={focus === 0 ? 0 : -1}
        >
          {account.name}
        </Link>
      </span>
      <span
        role="gridcell"
        aria-colindex={2}
        className={styles.strength}
        data-at={`${index}-1`}
        data-chosen={chosen === 1 || undefined}
        tabIndex={focus === 1 ? 0 : -1}
        aria-label={words.whole(row)}
      >
        <b className={styles.figure}>{words.number(row.strength)}</b>
        <span className={styles.riseWords}>{words.rise(row.rise)}</span>
        {row.rise.surging && <Surge />}
      </span>
      {columns.map(({ key, name, before }, place) => {
        const value = cells[place] ?? 0
        const cell = cellOf(value, refused || before)
        const said = cell === 'none' || cell === 'barred' ? words[cell] : words.values[value]
        const column = place + FIRST
        return (
          <span
            key={key}
            role="gridcell"
            aria-colindex={column + 1}
            data-at={`${index}-${column}`}
            data-heat={cell}
            data-chosen={chosen === column || undefined}
            tabIndex={focus === column ? 0 : -1}
            aria-label={`${account.name}, ${name}, ${said}`}
          >
            {numbers && value > 0 ? value : null}
          </span>
        )
      })}
    </div>
  )
})
