import { type RefObject, useCallback } from 'react'
import { useSearchParams } from 'react-router'
import type { Field, Row } from './fields'
import { isGroup, isRow, keyOf, type Line } from './groups'
import { isEditable } from './RecordsTable'
import { useListKeys } from './useListKeys'
import type { Marks } from './useMarks'

/** Which record is open beside the list; the address says so. */
export function useOpened() {
  const [search, setSearch] = useSearchParams()
  const open = Number(search.get('open')) || undefined
  const show = useCallback(
    (id: number | undefined) =>
      setSearch(
        (now) => {
          const next = new URLSearchParams(now)
          if (id === undefined) next.delete('open')
          else next.set('open', String(id))
          return next
        },
        { replace: open !== undefined, preventScrollReset: true },
      ),
    [setSearch, open],
  )
  return { open, show }
}

/** Lets the keys of a list walk its lines, open, edit and choose them. */
export function useRowKeys({
  lines,
  columns,
  marks,
  opened: { open, show },
  table,
  openRow,
  openPage,
  toggle,
  narrow,
}: {
  lines: readonly Line[]
  columns: readonly Field[]
  marks: Marks
  opened: ReturnType<typeof useOpened>
  table: RefObject<{ scrollTo: (to: { index: number }) => void } | null>
  openRow: (row: Row) => void
  openPage: (row: Row) => void
  toggle: (group: string) => void
  narrow: boolean
}): void {
  const { at, setAt } = marks
  const line = lines[at.row]
  const row = line && isRow(line) ? line : undefined
  useListKeys({
    step: (down, right) => {
      if (lines.length === 0) return
      if (right && line && isGroup(line)) {
        // As in a tree: right opens, left closes.
        if (line.open !== right > 0) toggle(keyOf(line.group))
        return
      }
      const next = Math.max(0, Math.min(lines.length - 1, at.row + down))
      const column = Math.max(0, Math.min(columns.length - 1, at.column + right))
      setAt({ row: at.row < 0 ? 0 : next, column })
      table.current?.scrollTo({ index: next })
      const there = lines[next]
      if (open !== undefined && down && there && isRow(there)) show(there.id)
    },
    open: (full) => {
      if (line && isGroup(line)) toggle(keyOf(line.group))
      else if (row) (full ? openPage : openRow)(row)
    },
    edit: () => {
      if (!row || narrow) return
      const here = columns[at.column]
      const field = here && isEditable(row, here) ? here : columns.find((one) => isEditable(row, one))
      if (!field) return
      setAt({ row: at.row, column: columns.indexOf(field) })
      marks.setEditing({ id: row.id, field: field.key })
    },
    select: () => {
      if (!row) return
      const next = new Set(marks.selected)
      if (!next.delete(row.id)) next.add(row.id)
      marks.choose(next)
    },
    escape: () => {
      // An open panel takes it first, and closes.
      if (open !== undefined) return
      if (marks.selected.size) marks.clear()
      else marks.leave()
    },
  })
}
