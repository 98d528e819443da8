import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { FieldInput } from './FieldInput'
import { type Field, plainOf, type Shown } from './fields'
import type { Names } from './names'
import styles from './Records.module.css'

interface Props {
  field: Field
  value: Shown
  names: Names
  label: string
  done: (value: Shown) => void
  cancel: () => void
}

/** Kinds in which choosing is all there is to do. */
const AT_ONCE = new Set<Field['kind']>(['choice', 'bool', 'date', 'person', 'line', 'record'])

/** A cell while it is edited: Enter and leaving it save, Esc takes back. */
export function CellEditor({ field, value, names, label, done, cancel }: Props) {
  const [now, setNow] = useState(value)
  const latest = useRef(now)
  latest.current = now
  const box = useRef<HTMLSpanElement>(null)
  const over = useRef(false)
  const end = (to: Shown) => {
    if (over.current) return
    over.current = true
    if (same(to, value)) cancel()
    else done(to)
  }
  const give = useRef({ end, cancel })
  give.current = { end, cancel }
  useEffect(() => {
    // Elsewhere on the page somebody clicked: that leaves the cell. Lists that drop down hang elsewhere, too.
    const away = (event: PointerEvent) => {
      const target = event.target as Element
      if (box.current?.contains(target) || target.closest('.ant-select-dropdown, .ant-picker-dropdown'))
        return
      give.current.end(latest.current)
    }
    document.addEventListener('pointerdown', away, true)
    return () => document.removeEventListener('pointerdown', away, true)
  }, [])
  function onKey(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') {
      event.stopPropagation()
      over.current = true
      cancel()
    } else if (
      event.key === 'Enter' &&
      !AT_ONCE.has(field.kind) &&
      !(field.kind === 'long_text' && event.shiftKey)
    ) {
      const choosing = document.querySelector('.ant-select-dropdown:not(.ant-select-dropdown-hidden)')
      if (choosing && (field.kind === 'choices' || field.kind === 'tags')) return
      event.preventDefault()
      event.stopPropagation()
      end(latest.current)
    }
  }
  return (
    <span
      ref={box}
      role="none"
      className={`${styles.editor} ${field.kind === 'long_text' ? styles.tall : ''}`}
      onKeyDownCapture={onKey}
    >
      <FieldInput
        field={field}
        value={now}
        names={names}
        label={label}
        inCell
        onChange={(to) => {
          latest.current = to
          setNow(to)
          if (AT_ONCE.has(field.kind)) end(to)
        }}
        onClose={() => end(latest.current)}
      />
    </span>
  )
}

const same = (one: Shown, other: Shown) =>
  JSON.stringify(plainOf(one) ?? '') === JSON.stringify(plainOf(other) ?? '') ||
  (Array.isArray(one) && one.length === 0 && (other === null || String(other) === ''))
