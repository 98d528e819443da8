import type { components } from '@/generated/api'

/** Kinds of records that have a timeline. */
export type TimelineKind = 'deal' | 'account' | 'contact' | 'lead'

// The same route for each kind, each with an address of its own: typed as that of deals.
export const timelineOf = (kind: TimelineKind) =>
  (kind === 'deal'
    ? '/api/deals/{deal}/timeline'
    : `/api/records/${kind}/{${kind}}/timeline`) as '/api/deals/{deal}/timeline'

export type Entry = components['schemas']['EntryRow']

/** A row of the list: an entry, or the gap before one that was fetched from further down. */
export type Row = { kind: 'entry'; entry: Entry } | { kind: 'gap'; key: string }

const HOUR = 3_600_000
const DAY = 24 * HOUR

export const GROUPS = [
  'mail',
  'call',
  'meeting',
  'visit',
  'web',
  'quote',
  'stage',
  'task',
  'signal',
  'system',
] as const

const newestFirst = (a: Entry, b: Entry) => Date.parse(b.at) - Date.parse(a.at) || b.id - a.id

/**
 * Put entries that somebody asked for by name among those loaded so far, newest first.
 * Where there is more to load, those from further down come after a gap.
 */
export function rowsOf(loaded: Entry[], asked: Entry[], more: boolean): Row[] {
  const known = new Set(loaded.map((entry) => entry.id))
  const extra = asked.filter((entry) => !known.has(entry.id))
  const last = loaded.at(-1)
  const beyond = (entry: Entry) => more && last !== undefined && newestFirst(last, entry) < 0
  const within = [...loaded, ...extra.filter((entry) => !beyond(entry))].sort(newestFirst)
  const far = extra.filter(beyond).sort(newestFirst)
  const row = (entry: Entry): Row => ({ kind: 'entry', entry })
  return far.length ? [...within.map(row), { kind: 'gap', key: 'gap' }, ...far.map(row)] : within.map(row)
}

/** How long after it happened we came to know of it, where that is worth saying; else null. */
export function late(entry: Entry): { unit: 'days' | 'hours'; count: number } | null {
  const behind = Date.parse(entry.known_at) - Date.parse(entry.at)
  if (behind >= DAY) return { unit: 'days', count: Math.round(behind / DAY) }
  return behind >= 6 * HOUR ? { unit: 'hours', count: Math.round(behind / HOUR) } : null
}

/** The groups to offer, in their order, each with its number; unknown ones come last. */
export function offered(counts: Record<string, number>): { group: string; count: number }[] {
  const known: readonly string[] = GROUPS
  const place = (group: string) => (known.includes(group) ? known.indexOf(group) : known.length)
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => place(a) - place(b) || a.localeCompare(b))
    .map(([group, count]) => ({ group, count }))
}

/** The server's English words are those of the middle of a sentence. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
