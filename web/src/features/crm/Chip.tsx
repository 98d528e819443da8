import type { ReactNode } from 'react'
import styles from './marks.module.css'

/** A short word on a tint. Our own colours: Ant Design dims those of its tags in the dark below what can be read. */
export function Chip({
  kind = 'plain',
  children,
}: {
  kind?: 'ok' | 'warn' | 'bad' | 'plain'
  children: ReactNode
}) {
  return <span className={`${styles.chip} ${styles[kind]}`}>{children}</span>
}
