import { useMemo } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useLive } from '@/shared/live'
import type { KindKey } from './kinds'

export type Field = Schemas['FieldOut']
export type Row = Schemas['RecordRow']
export type Shown = Row['values'][string]
export type Reference = Schemas['Reference']

const LONG = 10 * 60_000

/** What a kind of record has, as far as the person sees it. */
export function useFields(kind: KindKey) {
  const query = api.useQuery('get', '/api/record-types', {}, { staleTime: LONG })
  useLive(
    [
      ['fields', 0],
      ['currencies', 0],
    ],
    [['get', '/api/record-types']],
  )
  const type = query.data?.find(({ key }) => key === kind)
  const fields = useMemo(() => new Map(type?.fields.map((field) => [field.key, field])), [type])
  /** What lists can be filtered by: fields, and what is none. */
  const askable = useMemo(
    () => new Map([...(type?.fields ?? []), ...(type?.asks ?? [])].map((field) => [field.key, field])),
    [type],
  )
  return { query, type, fields, askable }
}

export type Fields = ReadonlyMap<string, Field>

export const isReference = (value: Shown | undefined): value is Reference =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value as it is sent: what names something by its key. */
export function plainOf(value: Shown | undefined): unknown {
  return isReference(value) ? value.id : (value ?? null)
}

/** Values whose width differs little among records. */
const WIDTHS: Partial<Record<Field['kind'], number>> = {
  money: 130,
  number: 96,
  date: 140,
  datetime: 128,
  bool: 84,
  person: 92,
  team: 120,
  line: 110,
  choice: 100,
  stage: 132,
  pipeline: 130,
  record: 170,
  tags: 150,
  choices: 150,
  long_text: 200,
}

export function widthOf(field: Field): number {
  if (field.key === 'name') return 240
  if (field.key === 'win_chance') return 142
  if (field.key === 'address') return 160
  return WIDTHS[field.kind] ?? 132
}

export const isNumber = (field: Field) => field.kind === 'money' || field.kind === 'number'
