import { useEffect, useRef } from 'react'
import { isTyping } from '@/app/keys'

/** What the keys of a list do: J and K by rows, the arrows by cells. */
export interface Acts {
  step: (rows: number, columns: number) => void
  open: (full: boolean) => void
  edit: () => void
  select: () => void
  escape: () => void
}

const BUSY =
  'input, textarea, select, button, a, [contenteditable], [role="dialog"], [role="option"], [role="menuitem"], [role="button"], [role="separator"]'
const STEPS: Record<string, [number, number]> = {
  j: [1, 0],
  k: [-1, 0],
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
}

/** Listens for the keys of a list while nothing else on the page takes them. */
export function useListKeys(acts: Acts): void {
  const latest = useRef(acts)
  latest.current = acts
  useEffect(() => {
    // G leads to another page with the next key, which is then no command of the list.
    let led = 0
    function onKey(event: KeyboardEvent) {
      if (event.altKey || event.isComposing || isTyping(event.target)) return
      const now = latest.current
      const full = event.ctrlKey || event.metaKey
      if (full && event.key !== 'Enter') return
      if (event.key === 'g') led = Date.now()
      else if (Date.now() - led < 1_200) {
        led = 0
        return
      }
      if (event.target instanceof Element && event.target.closest(BUSY)) return
      if (document.querySelector('[role="dialog"]')) return
      const step = STEPS[event.key]
      if (step) {
        event.preventDefault()
        now.step(...step)
      } else if (event.key === 'Enter') {
        event.preventDefault()
        now.open(full)
      } else if (event.key === 'e') {
        event.preventDefault()
        now.edit()
      } else if (event.key === 'x') now.select()
      else if (event.key === 'Escape') now.escape()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
