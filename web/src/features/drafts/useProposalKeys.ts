import { type KeyboardEvent, type RefObject, useEffect } from 'react'
import { isTyping } from '@/app/keys'

const BUSY = 'input, textarea, select, [contenteditable], [role="dialog"], [role="option"], [role="listbox"]'
const AWAY = 1_200

/** P goes from anywhere on the page to the first row of `list`. */
export function useGoTo(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    // G leads to another page with the next key, which is then no command here.
    let led = 0
    function onKey(event: globalThis.KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target))
        return
      if (event.key === 'g') led = Date.now()
      else if (event.key === 'p' && Date.now() - led > AWAY && !document.querySelector('[role="dialog"]')) {
        const first = list.current?.querySelector<HTMLElement>('[data-row]')
        if (!first) return
        event.preventDefault()
        first.focus()
        first.scrollIntoView({ block: 'nearest' })
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [list])
}

/** J, K and the arrows move among rows, Enter confirms, X or Delete refuses. They go no further: the page has keys too. */
export function onRowKey(
  event: KeyboardEvent<HTMLElement>,
  acts: { confirm: () => void; refuse: () => void },
): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return
  const row = event.currentTarget
  const on = event.target instanceof Element ? event.target : row
  if (on !== row && on.closest(BUSY)) return
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
  const act =
    event.key === 'Enter' && on === row
      ? acts.confirm
      : event.key === 'x' || event.key === 'Delete'
        ? acts.refuse
        : null
  if (!step && !act) return
  event.preventDefault()
  event.stopPropagation()
  const rows = [...(row.parentElement?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
  const here = rows.indexOf(row)
  if (step) rows[Math.max(0, Math.min(rows.length - 1, here + step))]?.focus()
  else if (act) {
    // The row goes: the next one takes its place, else the one before.
    ;(rows[here + 1] ?? rows[here - 1])?.focus()
    act()
  }
}
