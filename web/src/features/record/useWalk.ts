import { useEffect, useRef, useState } from 'react'

interface Acts {
  to: (index: number) => void
  enter: (index: number) => void
}

const TYPING =
  'input, textarea, select, [contenteditable], [role="dialog"], [role="option"], [role="menuitem"]'
/** What Enter itself does something to. */
const ACTING = 'button, a'

/** J and K walk a list of `length`, Enter opens where they stand. Returns the row, -1 before the first step. */
export function useWalk(length: number, acts: Acts): number {
  const [at, setAt] = useState(-1)
  const latest = useRef({ at, length, acts })
  latest.current = { at, length, acts }
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
      const now = latest.current
      const on = event.target instanceof Element ? event.target : null
      if (on?.closest(TYPING)) return
      if (document.querySelector('[role="dialog"]')) return
      const step = { j: 1, k: -1 }[event.key]
      if (step) {
        const next = Math.max(0, Math.min(now.length - 1, now.at + step))
        setAt(next)
        now.acts.to(next)
      } else if (event.key === 'Enter' && now.at >= 0 && !on?.closest(ACTING)) now.acts.enter(now.at)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return Math.min(at, length - 1)
}
