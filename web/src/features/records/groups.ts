import { useCallback } from 'react'
import type { Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import type { Field, Fields, Row } from './fields'
import type { Kind } from './kinds'
import type { Names } from './names'
import { useRecordsTexts } from './texts'

export type Group = Schemas['GroupOut']
type GroupValue = Group['value']

/** The server counts no more groups of a list. */
export const MOST_GROUPS = 500

/** The head of a group in a table. */
export interface GroupLine {
  id: string
  group: Group
  open: boolean
}

/** Where the next rows of a group come, once they are scrolled to. */
export interface MoreLine {
  id: string
  feed: Feed | undefined
}

/** The rows of an open group, as far as they are there. */
export interface Feed {
  rows: readonly Row[]
  /** Absent when all are there, or none yet. */
  more: (() => void) | undefined
  loading: boolean
  failed: unknown
}

export type Line = Row | GroupLine | MoreLine

export const isRow = (line: Line): line is Row => typeof line.id === 'number'
export const isGroup = (line: Line): line is GroupLine => 'group' in line

export const keyOf = ({ value }: Group): string => JSON.stringify(value)

/** What groups add up, where there is something to. */
export const summed = (kind: Kind, fields: Fields): string =>
  kind.key === 'deal' && fields.get('amount')?.askable ? 'amount' : ''

/** What is asked of a field to choose the records of one value. */
export function testOf({ kind }: Field, value: GroupValue): { op: string; value?: unknown } {
  if (value === null || value === '') return { op: 'empty' }
  return kind === 'bool' || kind === 'text' ? { op: 'is', value } : { op: 'in', value: [value] }
}

/** Groups as people expect them: stages and choices in their own order, all else by name, what has none last. */
export function inOrder(
  groups: readonly Group[],
  field: Field,
  names: Names,
  labelOf: (value: GroupValue) => string,
): Group[] {
  const ranks = new Map<GroupValue, number>(
    field.kind === 'stage'
      ? names.optionsOf('stage').map(({ value }, place) => [value, place])
      : field.choices.map(({ key }, place) => [key, place]),
  )
  const rank = (value: GroupValue) =>
    value === null || value === '' ? Number.POSITIVE_INFINITY : (ranks.get(value) ?? ranks.size)
  return groups.toSorted(
    (one, other) =>
      // Infinity less itself is no number, and no order.
      rank(one.value) - rank(other.value) ||
      0 ||
      labelOf(one.value).localeCompare(labelOf(other.value), 'zh-CN'),
  )
}

/** Lines of a table: every group, and the rows of those that are open. */
export function linesOf(
  groups: readonly Group[],
  opened: ReadonlySet<string>,
  feeds: ReadonlyMap<string, Feed>,
): Line[] {
  return groups.flatMap((group): Line[] => {
    const key = keyOf(group)
    const head: GroupLine = { id: `group ${key}`, group, open: opened.has(key) }
    if (!head.open) return [head]
    const feed = feeds.get(key)
    const ended = feed && !feed.more && !feed.loading && !feed.failed
    return [head, ...(feed?.rows ?? []), ...(ended ? [] : [{ id: `more ${key}`, feed }])]
  })
}

/** What a group is called. */
export function useGroupLabel(field: Field | undefined, names: Names): (value: GroupValue) => string {
  const t = useRecordsTexts()
  const named = useNamed()
  return useCallback(
    (value) => {
      if (!field) return ''
      if (value === null || value === '') return t('group.none', { label: named(field) })
      if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
      if (typeof value === 'number') {
        // Pipelines may have stages of the same name: then each says which pipeline it is of.
        const options = names.optionsOf(field.kind)
        const found = options.find((option) => option.value === value)
        const twice = options.some((option) => option.value !== value && option.label === found?.label)
        if (!found) return names.nameOf(field.kind, value) ?? '…'
        return twice && found.note ? `${found.label} · ${found.note}` : found.label
      }
      const choice = field.choices.find(({ key }) => key === value)
      return choice ? named(choice) : value
    },
    [field, names, t, named],
  )
}
