import type { Schemas } from '@/shared/api'

export type Rise = Schemas['RiseOut']

/** How hot a cell is; that nothing happened; that nothing may be collected there. */
export type Cell = 1 | 2 | 3 | 4 | 5 | 'none' | 'barred'

/** What a value of 0 to 100 is shown as. Where something is known it is shown, whatever may be collected now. */
export function cellOf(value: number, barred: boolean): Cell {
  if (value > 0) return Math.min(5, 1 + Math.floor(value / 20)) as Cell
  return barred ? 'barred' : 'none'
}

/** How many of `days` lie before the day from which on something might be collected. */
export function daysBefore(days: readonly string[], since: string | null): number {
  if (since === null) return days.length
  const first = days.findIndex((day) => day >= since)
  return first < 0 ? days.length : first
}

/** How the last week compares, as it is said in words. */
export function riseIn({ week, usual, ratio }: Rise): 'quiet' | 'new' | 'more' | 'same' | 'less' {
  if (week <= 0) return 'quiet'
  if (usual <= 0) return 'new'
  if (ratio >= 1.1) return 'more'
  return ratio > 0.9 ? 'same' : 'less'
}

/** Whole minutes, and the seconds that are over. */
export function lasting(seconds: number): { minutes: number; seconds: number } {
  const whole = Math.max(0, Math.round(seconds))
  return { minutes: Math.floor(whole / 60), seconds: whole % 60 }
}

/** Points as they are added: +12.4; what is less than a tenth is not nothing. */
export function pointsIn(part: number, number: (value: number, digits: number) => string): string {
  return part > 0 && part < 0.05 ? `<${number(0.1, 1)}` : `+${number(part, 1)}`
}

/** A cell of the grid: its row, and its column, of which the first are the names and the strengths. */
export interface Place {
  row: number
  column: number
}

interface Size {
  rows: number
  columns: number
  /** Rows that are seen at once. */
  page: number
}

/** Where a key leads from a cell; null where it is none that moves. The borders are walls. */
export function moved(at: Place, key: string, far: boolean, { rows, columns, page }: Size): Place | null {
  const to = (row: number, column: number): Place => ({
    row: Math.min(Math.max(row, 0), rows - 1),
    column: Math.min(Math.max(column, 0), columns - 1),
  })
  switch (key) {
    case 'ArrowDown':
      return to(at.row + 1, at.column)
    case 'ArrowUp':
      return to(at.row - 1, at.column)
    case 'ArrowRight':
      return to(at.row, at.column + 1)
    case 'ArrowLeft':
      return to(at.row, at.column - 1)
    case 'PageDown':
      return to(at.row + page, at.column)
    case 'PageUp':
      return to(at.row - page, at.column)
    case 'Home':
      return to(far ? 0 : at.row, 0)
    case 'End':
      return to(far ? rows - 1 : at.row, columns - 1)
    default:
      return null
  }
}

export const SPANS = [7, 28, 84] as const

/** What the map shows, as it stands in the address; `at` is whose signals are open beside it. */
export interface View {
  by: 'day' | 'topic'
  days: (typeof SPANS)[number]
  q: string
  mine: boolean
  at: { account: number; day?: string; topic?: number } | null
}

const whole = (text: string | null) => (text && /^\d{1,15}$/.test(text) ? Number(text) : undefined)

export function readView(search: URLSearchParams): View {
  const account = whole(search.get('at'))
  const day = search.get('day') ?? ''
  return {
    by: search.get('by') === 'topic' ? 'topic' : 'day',
    days: SPANS.find((span) => span === Number(search.get('days'))) ?? 28,
    q: search.get('q') ?? '',
    mine: search.get('mine') === '1',
    at: account
      ? { account, day: /^\d{4}-\d\d-\d\d$/.test(day) ? day : undefined, topic: whole(search.get('topic')) }
      : null,
  }
}

export function writeView({ by, days, q, mine, at }: View): URLSearchParams {
  return new URLSearchParams([
    ...(by === 'topic' ? [['by', by]] : []),
    ...(days === 28 ? [] : [['days', String(days)]]),
    ...(q ? [['q', q]] : []),
    ...(mine ? [['mine', '1']] : []),
    ...(at ? [['at', String(at.account)]] : []),
    ...(at?.day ? [['day', at.day]] : []),
    ...(at?.topic === undefined ? [] : [['topic', String(at.topic)]]),
  ])
}
