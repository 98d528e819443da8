import { keepPreviousData } from '@tanstack/react-query'
import { Mentions } from 'antd'
import { type KeyboardEvent, useState } from 'react'
import { api } from '@/shared/api'
import { useDebounced } from '@/shared/useDebounced'
import { at, besideOf } from './data'
import type { Kind } from './kinds'
import { type Draft, labelOf } from './mentions'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'

const LONGEST = 10_000
/** A name is no longer than this, and ends with a blank: after that, one writes on. */
const LONGEST_NAME = 20

const mentionableOf = (kind: Kind) =>
  `${besideOf(kind, 'notes')}/mentionable` as '/api/records/account/{account}/notes/mentionable'

interface Props {
  kind: Kind
  id: number
  draft: Draft
  /** Told as a change: the text and whom it names come in two steps of one. */
  onChange: (change: (draft: Draft) => Draft) => void
  onSend: () => void
  onEscape?: () => void
  placeholder?: string
  autoFocus?: boolean
}

/** A note while it is written: @ offers colleagues who may see the record. Ctrl-Enter keeps it. */
export function NoteInput({ kind, id, draft, onChange, onSend, onEscape, placeholder, autoFocus }: Props) {
  const t = useRecordTexts()
  const [q, setQ] = useState<string | null>(null)
  const asked = useDebounced(q, 200)
  const found = api.useQuery(
    'get',
    mentionableOf(kind),
    { params: { ...at(kind, id), query: { q: asked ?? '' } } },
    { enabled: asked !== null, placeholderData: keepPreviousData, staleTime: 60_000 },
  )
  // While it is sought for, Enter must not pick somebody from what was found before.
  const seeking = q !== asked || found.isFetching
  const options = (found.data ?? []).map((person) => ({
    key: String(person.id),
    id: person.id,
    value: labelOf(person, draft.named),
    label: (
      <span className={styles.person}>
        {person.name} <small>{person.team}</small>
      </span>
    ),
  }))
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      event.stopPropagation()
      onSend()
    } else if (event.key === 'Escape') {
      // The first closes what is offered, and nothing behind it.
      const offering = event.currentTarget.parentElement?.querySelector('[class*="mentions-measure"]')
      if (offering || onEscape) event.stopPropagation()
      if (!offering) onEscape?.()
    }
  }
  return (
    <Mentions
      className={styles.noteInput}
      value={draft.text}
      maxLength={LONGEST}
      autoSize={{ minRows: 2, maxRows: 10 }}
      aria-label={t('notes.write')}
      {...(placeholder !== undefined && { placeholder })}
      {...(autoFocus !== undefined && { autoFocus })}
      options={options}
      filterOption={false}
      loading={seeking}
      notFoundContent={t('notes.nobody', { kind: t(`kind.${kind}`) })}
      validateSearch={(text) => text.length <= LONGEST_NAME && !/\s/.test(text)}
      onSearch={setQ}
      onChange={(text) => onChange((was) => ({ ...was, text }))}
      onSelect={(option) => {
        const { id: person, value } = option as unknown as { id: number; value: string }
        onChange((was) => ({ ...was, named: new Map(was.named).set(value, person) }))
      }}
      onKeyDown={onKeyDown}
    />
  )
}
