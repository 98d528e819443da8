import { readAmount } from '@/features/crm/amount'
import type { Schemas } from '@/shared/api'

export type Reference = Schemas['Reference']
export type Shown = string | boolean | string[] | Reference | null

export const isReference = (value: Shown | undefined): value is Reference =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The key of the record that a field names, if it names one. */
export const idOf = (value: Shown | undefined): number | null => (isReference(value) ? value.id : null)

/** A value as the server takes it: a record by its key. */
export const sent = (value: Shown): string | boolean | string[] | number | null =>
  isReference(value) ? value.id : value

/** Whether two values say the same; nothing entered is one value. */
export function same(one: Shown, other: Shown): boolean {
  const plain = (value: Shown) => {
    const told = sent(value)
    return told === '' || (Array.isArray(told) && told.length === 0) ? null : told
  }
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other))
}

/** What somebody typed for a field of numbers: digits, null for nothing, undefined for what is none. */
export function readNumber(kind: string, text: string): string | null | undefined {
  if (!text.trim()) return null
  if (kind === 'money') return readAmount(text) ?? undefined
  const digits = text.replaceAll(/[\s,，]/g, '')
  return /^-?\d{1,14}(\.\d{1,6})?$/.test(digits) ? digits : undefined
}

/** Bytes as people read them. */
export function readableSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KB', 'MB', 'GB']
  let value = bytes / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`
}
