import { type ReactNode, useState } from 'react'
import styles from './marks.module.css'

/** Glows once when `value` becomes another while the page is open: somebody changed it. */
export function Flash({
  value,
  className,
  children,
}: {
  value: unknown
  className?: string
  children: ReactNode
}) {
  const [seen, setSeen] = useState({ value, times: 0 })
  if (seen.value !== value) setSeen({ value, times: seen.times + 1 })
  return (
    <span key={seen.times} className={[className, seen.times > 0 && styles.flash].filter(Boolean).join(' ')}>
      {children}
    </span>
  )
}
