import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import styles from './Record.module.css'

interface Tab {
  key: string
  label: string
}

/**
 * Tabs, of which those without room are scrolled to. Ant Design puts a button among the tabs then, which screen readers
 * take for a tab. `children` is what the chosen one shows.
 */
export function TabBar({
  tabs,
  active,
  label,
  onChange,
  children,
}: {
  tabs: Tab[]
  active: string
  label: string
  onChange: (key: string) => void
  children: ReactNode
}) {
  const id = useId()
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const chosen = row.current?.querySelector<HTMLElement>(`[data-tab="${active}"]`)
    // Within the row alone: the page must not jump.
    if (row.current && chosen) {
      const { offsetLeft: left, offsetWidth: width } = chosen
      const { scrollLeft: from, clientWidth: room } = row.current
      if (left < from || left + width > from + room) row.current.scrollLeft = left - room / 2 + width / 2
    }
  }, [active])
  const onKeyDown = (event: KeyboardEvent) => {
    const place = tabs.findIndex(({ key }) => key === active)
    const to = {
      ArrowRight: place + 1,
      ArrowLeft: place - 1,
      Home: 0,
      End: tabs.length - 1,
    }[event.key]
    const next = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length]
    if (!next) return
    event.preventDefault()
    onChange(next.key)
    row.current?.querySelector<HTMLElement>(`[data-tab="${next.key}"]`)?.focus()
  }
  return (
    <div className={styles.tabs}>
      <div ref={row} className={styles.tabRow} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map(({ key, label: name }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-${key}`}
            data-tab={key}
            aria-selected={key === active}
            aria-controls={`${id}-panel`}
            tabIndex={key === active ? 0 : -1}
            onClick={() => onChange(key)}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${active}`}>
        {children}
      </div>
    </div>
  )
}
