import { useEffect, useRef } from 'react'
import { useNavigate } from 'react-router'
import type { entriesFor } from './nav'

const SECOND_KEY_WITHIN = 1_200

/**
 * Keys that work everywhere: Ctrl/Cmd K, G then a page's key, C for something new, / for the page's filter
 * ([data-filter]), ? for help.
 */
export function useKeys(
  entries: ReturnType<typeof entriesFor>,
  open: (what: 'palette' | 'keys' | 'create') => void,
): void {
  const navigate = useNavigate()
  const latest = useRef({ entries, open })
  latest.current = { entries, open }
  useEffect(() => {
    let leader = 0
    function onKey(event: KeyboardEvent) {
      const key = event.key.toLowerCase()
      if (key === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        event.preventDefault()
        latest.current.open('palette')
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target))
        return
      if (document.querySelector('[role="dialog"]')) return
      const led = Date.now() - leader < SECOND_KEY_WITHIN
      leader = 0
      if (led) {
        const entry = latest.current.entries.find((e) => e.key === key)
        if (entry) {
          event.preventDefault()
          void navigate(entry.path)
        }
      } else if (key === 'g') leader = Date.now()
      else if (key === '/') {
        const filter = document.querySelector<HTMLInputElement>('input[data-filter], [data-filter] input')
        if (filter) {
          event.preventDefault()
          filter.focus()
          filter.select()
        }
      } else if (key === 'c') {
        event.preventDefault() // else the letter lands in the form that opens
        latest.current.open('create')
      } else if (key === '?') latest.current.open('keys')
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [navigate])
}

/** Whether keys go into a text, so that they are no commands. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  )
}
