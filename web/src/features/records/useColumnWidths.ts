import { type RefObject, useEffect, useMemo, useState } from 'react'
import { useNamed } from '@/shared/i18n'
import { type Drop, moved, type Widths, within } from './columns'
import { type Field, widthOf } from './fields'
import type { Heads } from './HeaderCell'
import type { ListState } from './state'
import type { Change } from './useListState'

/** How wide the columns of a table are, and what their heads do to that and to their order. */
export function useColumnWidths(
  box: RefObject<HTMLElement | null>,
  columns: readonly Field[],
  state: ListState,
  change: Change,
): { widths: Widths; fixed: boolean; heads: Heads } {
  const named = useNamed()
  const [drop, setDrop] = useState<Drop | null>(null)
  // While an edge is dragged, and until the address says the same.
  const [dragged, setDragged] = useState<Widths | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is over once the address changed
  useEffect(() => setDragged(null), [state.widths])
  const own = dragged ?? state.widths
  const widths = useMemo(
    () => Object.fromEntries(columns.map((field) => [field.key, own[field.key] ?? widthOf(field)])),
    [columns, own],
  )
  const heads = {
    labelOf: (key: string) => {
      const field = columns.find((one) => one.key === key)
      return field ? named(field) : key
    },
    widthOf: (key: string) => widths[key] ?? 0,
    resize: (key: string, width: number, done: boolean) => {
      // Until somebody says otherwise columns grow with the window: now all stay as they are, but for this one.
      const before = Object.keys(own).length > 0 ? own : shownWidths(box.current)
      const next = { ...before, [key]: width }
      setDragged(next)
      if (done) change({ widths: next })
    },
    fit: (key: string) => {
      if (box.current) heads.resize(key, within(fitting(box.current, key)), true)
    },
    drop,
    setDrop,
    move: (key: string, to: Drop) =>
      change({
        columns: moved(
          columns.map((one) => one.key),
          key,
          to,
        ),
      }),
  }
  return { widths, fixed: Object.keys(own).length > 0, heads }
}

/** The widths that columns have now. */
function shownWidths(box: HTMLElement | null): Widths {
  const heads = box?.querySelectorAll<HTMLElement>('th[data-column]') ?? []
  return Object.fromEntries(
    [...heads].map((head) => [head.dataset.column, within(Math.floor(head.getBoundingClientRect().width))]),
  )
}

/** How wide a column must be to show its head, and what of it is in view. */
function fitting(box: HTMLElement, key: string): number {
  const cells = box.querySelectorAll<HTMLElement>(`[data-column="${CSS.escape(key)}"]`)
  return Math.ceil(Math.max(...[...cells].map(widthWithin)))
}

function widthWithin(cell: HTMLElement): number {
  const { paddingLeft, paddingRight } = getComputedStyle(cell)
  const around = Number.parseFloat(paddingLeft) + Number.parseFloat(paddingRight)
  if (cell.tagName === 'TH') {
    const text = cell.querySelector('[title] > span')?.getBoundingClientRect().width ?? 0
    const sorter = cell.querySelector('.ant-table-column-sorter')
    return around + text + (sorter ? sorter.getBoundingClientRect().width + 4 : 0) + 2
  }
  // What stands in a cell stands in one line, each part cut off where it is too long.
  const line = cell.firstElementChild
  if (!line) return 0
  const gap = Number.parseFloat(getComputedStyle(line).columnGap) || 0
  const parts = [...line.children]
  return around + parts.reduce((sum, part) => sum + part.scrollWidth, gap * Math.max(0, parts.length - 1)) + 1
}
