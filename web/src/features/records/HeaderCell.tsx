import {
  createContext,
  type KeyboardEvent,
  type PointerEvent,
  type ThHTMLAttributes,
  useContext,
  useRef,
} from 'react'
import { type Drop, NARROWEST, WIDEST, within } from './columns'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'

const STEP = 8
const FAR = 40
/** Moved by fewer pixels, a press is a click. */
const SLOP = 6

/** What heads of columns need of their table. */
export interface Heads {
  labelOf: (key: string) => string
  widthOf: (key: string) => number
  /** A width while the edge is dragged, and once it is let go. */
  resize: (key: string, width: number, done: boolean) => void
  fit: (key: string) => void
  /** Where the column that is dragged would come to stand. */
  drop: Drop | null
  setDrop: (drop: Drop | null) => void
  move: (key: string, drop: Drop) => void
}

export const HeadsContext = createContext<Heads | null>(null)

type Props = ThHTMLAttributes<HTMLTableCellElement> & { 'data-column'?: string }

/** The head of a column: dragged to another place, and wider or narrower by its edge. */
export function HeaderCell({ children, className = '', ...props }: Props) {
  const heads = useContext(HeadsContext)
  const key = props['data-column']
  const drag = useColumnDrag(key, heads)
  if (!heads || !key)
    return (
      <th {...props} className={className}>
        {children}
      </th>
    )
  const side = heads.drop?.key === key ? heads.drop.side : undefined
  return (
    <th
      {...props}
      {...drag}
      aria-label={heads.labelOf(key)}
      className={`${className} ${side ? styles[side] : ''}`}
    >
      {children}
      <Edge column={key} heads={heads} />
    </th>
  )
}

/** Drags a column by its head. Keys have the chooser of columns for it. */
function useColumnDrag(key: string | undefined, heads: Heads | null) {
  const from = useRef<number | null>(null)
  const dragged = useRef<Drop | 'nowhere' | null>(null)
  if (!key || !heads || key === 'name') return {}
  const end = () => {
    from.current = null
    heads.setDrop(null)
  }
  return {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      dragged.current = null
      if (event.button !== 0 || event.pointerType === 'touch') return
      event.currentTarget.setPointerCapture(event.pointerId)
      from.current = event.clientX
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (from.current === null) return
      if (!dragged.current && Math.abs(event.clientX - from.current) < SLOP) return
      const drop = dropAt(event.currentTarget, event.clientX)
      dragged.current = drop ?? 'nowhere'
      heads.setDrop(drop)
    },
    onPointerUp: () => {
      const drop = dragged.current
      end()
      if (drop && drop !== 'nowhere') heads.move(key, drop)
    },
    onPointerCancel: end,
    // A head that was dragged was not clicked: nothing is sorted.
    onClickCapture: (event: React.MouseEvent) => {
      if (dragged.current) event.stopPropagation()
      dragged.current = null
    },
  }
}

/** The place beside the head below the pointer; null over the head that is dragged. */
function dropAt(head: HTMLElement, x: number): Drop | null {
  const others = head.parentElement?.querySelectorAll<HTMLElement>('[data-column]') ?? []
  // What is fixed lies over what is scrolled below it, and comes first.
  for (const other of others) {
    const { left, right } = other.getBoundingClientRect()
    const key = other.dataset.column
    if (!key || x < left || x >= right) continue
    if (other === head) return null
    return { key, side: key === 'name' || x > (left + right) / 2 ? 'after' : 'before' }
  }
  return null
}

/** The edge of a column: dragged or moved by the arrows; a double click, or Enter, makes it fit. */
function Edge({ column, heads }: { column: string; heads: Heads }) {
  const t = useRecordsTexts()
  const start = useRef<{ x: number; width: number; moved: boolean } | null>(null)
  const edge = useRef<HTMLElement>(null)
  const width = () => edge.current?.parentElement?.getBoundingClientRect().width ?? 0
  const drag = (event: PointerEvent, done: boolean) => {
    event.stopPropagation()
    if (!start.current) return
    const by = event.clientX - start.current.x
    start.current.moved ||= by !== 0
    // Pressed and let go, it is as it was: half of a double click.
    if (start.current.moved) heads.resize(column, within(start.current.width + by), done)
    if (done) start.current = null
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!step && event.key !== 'Enter') return
    event.preventDefault()
    event.stopPropagation()
    if (step) heads.resize(column, within(width() + step * (event.shiftKey ? FAR : STEP)), true)
    else heads.fit(column)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr is no edge that moves
    <span
      ref={edge}
      className={styles.edge}
      role="separator"
      aria-orientation="vertical"
      aria-label={t('columns.width', { label: heads.labelOf(column) })}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      aria-valuenow={within(heads.widthOf(column))}
      tabIndex={0}
      onPointerDown={(event) => {
        event.stopPropagation()
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = { x: event.clientX, width: width(), moved: false }
      }}
      onPointerMove={(event) => drag(event, false)}
      onPointerUp={(event) => drag(event, true)}
      onPointerCancel={(event) => drag(event, true)}
      onKeyDown={onKeyDown}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => {
        event.stopPropagation()
        heads.fit(column)
      }}
    />
  )
}
