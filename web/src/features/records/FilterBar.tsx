import { CloseOutlined, FilterOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input, Popover } from 'antd'
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { useDebounced } from '@/shared/useDebounced'
import { useNarrow } from '@/shared/useNarrow'
import type { All, Node } from './condition'
import type { Fields } from './fields'
import type { Kind } from './kinds'
import type { Names } from './names'
import styles from './Records.module.css'
import { type ListState, narrows } from './state'
import { Told } from './Told'
import { useRecordsTexts } from './texts'

const FilterBuilder = lazy(() => import('./FilterBuilder'))

const REST = 300

interface Props {
  kind: Kind
  state: ListState
  change: (part: Partial<ListState>) => void
  fields: Fields
  names: Names
  children: ReactNode
}

/** What the list is asked: words, and conditions as chips; at the right what the page puts there. */
export function FilterBar({ kind, state, change, fields, names, children }: Props) {
  const t = useRecordsTexts()
  const [open, setOpen] = useState(false)
  const narrow = useNarrow()
  const where = (all: Node[]) => change({ where: { all } })
  return (
    <div className={styles.filters}>
      <Words q={state.q} change={change} label={t(`search.${kind.key}`)} />
      <Popover
        open={open}
        onOpenChange={setOpen}
        trigger="click"
        placement={narrow ? 'bottom' : 'bottomLeft'}
        destroyOnHidden
        content={
          <Suspense fallback={<div className={styles.builder} />}>
            <FilterBuilder
              root={state.where}
              change={(root: All) => change({ where: root })}
              fields={fields}
              names={names}
            />
          </Suspense>
        }
      >
        <Button icon={<FilterOutlined aria-hidden />} aria-expanded={open} aria-haspopup="dialog">
          {t('filter.open')}
          {state.where.all.length > 0 && <span className={styles.count}>{state.where.all.length}</span>}
        </Button>
      </Popover>
      {state.where.all.map((node, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no names
        <span key={place} className={styles.chip}>
          <button type="button" className={styles.chipText} onClick={() => setOpen(true)}>
            <Told node={node} fields={fields} names={names} />
          </button>
          <button
            type="button"
            className={styles.chipClose}
            aria-label={t('filter.remove')}
            onClick={() => where(state.where.all.filter((_, other) => other !== place))}
          >
            <CloseOutlined aria-hidden />
          </button>
        </span>
      ))}
      {narrows(state, kind) && (
        <Button type="text" onClick={() => change({ q: '', where: kind.where })}>
          {t('filter.clear')}
        </Button>
      )}
      <div className={styles.right}>{children}</div>
    </div>
  )
}

function Words({ q, change, label }: { q: string; change: Props['change']; label: string }) {
  const [text, setText] = useState(q)
  const rested = useDebounced(text.trim(), REST)
  // The address may change behind the box (Back, a cleared filter, another view): then the box follows.
  const [shown, setShown] = useState(q)
  if (shown !== q) {
    setShown(q)
    if (q !== text.trim()) setText(q)
  }
  useEffect(() => {
    if (rested === text.trim() && rested !== q) change({ q: rested })
  }, [rested, text, q, change])
  return (
    <Input
      className={styles.words}
      data-filter
      role="searchbox"
      enterKeyHint="search"
      aria-label={label}
      placeholder={label}
      prefix={<SearchOutlined aria-hidden />}
      suffix={text ? undefined : <kbd>/</kbd>}
      allowClear
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={() => change({ q: text.trim() })}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  )
}
