import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, type Schemas } from '@/shared/api'
import type { Format } from '@/shared/format'
import type { useNamed } from '@/shared/i18n'

export type Kind = Schemas['PairOut']['kind']
export type Pair = Schemas['PairOut']
export type Departure = Schemas['DepartureOut']
export type Value = Pair['low']['values'][string]
export type Field = Schemas['FieldOut']

export const KINDS = ['account', 'contact', 'lead'] as const
const HIDDEN = new Set(['created_by', 'changed_at'])

/** What one field says in both records. */
export interface Line {
  field: Field
  low: Value
  high: Value
  differs: boolean
  /** Both say something, and not the same. */
  conflicts: boolean
  /** Whether one of the two can be chosen when they become one. */
  choosable: boolean
}

/** The fields of both records in their order; what is empty in both is left out. */
export function linesOf(pair: Pick<Pair, 'low' | 'high'>, fields: readonly Field[]): Line[] {
  return fields
    .filter(({ key }) => !HIDDEN.has(key) && (key in pair.low.values || key in pair.high.values))
    .map((field) => {
      const low = pair.low.values[field.key] ?? null
      const high = pair.high.values[field.key] ?? null
      const differs = plain(low) !== plain(high)
      const conflicts = differs && !isEmpty(low) && !isEmpty(high) && field.key !== 'created_at'
      return {
        field,
        low,
        high,
        differs,
        conflicts,
        choosable: field.changeable && differs && field.kind !== 'tags',
      }
    })
    .filter(({ low, high }) => !isEmpty(low) || !isEmpty(high))
}

/** What is chosen before anybody chose: the kept record's own, or the other's where that is empty. */
export function firstChoice(line: Line, keeps: 'low' | 'high'): 'low' | 'high' {
  const other = keeps === 'low' ? 'high' : 'low'
  return isEmpty(line[keeps]) && !isEmpty(line[other]) ? other : keeps
}

export function isEmpty(value: Value): boolean {
  return value == null || value === '' || (Array.isArray(value) && value.length === 0)
}

function plain(value: Value): string {
  if (isEmpty(value)) return ''
  if (typeof value === 'object' && value !== null && 'id' in value) return `#${value.id}`
  return JSON.stringify(value)
}

/** A value in words. */
export function said(field: Field, value: Value, format: Format, named: ReturnType<typeof useNamed>): string {
  if (isEmpty(value)) return ''
  if (Array.isArray(value)) return value.map((each) => choice(field, each, named)).join('、')
  if (typeof value === 'boolean') return value ? '✓' : '✗'
  if (typeof value === 'object' && value !== null) return value.name
  if (field.kind === 'datetime') return format.moment(value)
  if (field.kind === 'date') return format.day(value)
  return choice(field, String(value), named)
}

function choice(field: Field, value: string, named: ReturnType<typeof useNamed>): string {
  const found = field.choices.find(({ key }) => key === value)
  return found ? named(found) : value
}

/** The fields of a kind of record that the reader sees. */
export function useFields(kind: Kind): readonly Field[] | undefined {
  const types = api.useQuery('get', '/api/record-types', {}, { staleTime: 300_000 })
  return useMemo(() => types.data?.find(({ key }) => key === kind)?.fields, [types.data, kind])
}

export const PAIRS = ['get', '/api/duplicates']
export const DEPARTURES = ['get', '/api/departures']
export const MERGES = ['get', '/api/merges']

export function useReload(...keys: readonly string[][]) {
  const queries = useQueryClient()
  return () => Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })))
}
