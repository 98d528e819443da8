import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback, useMemo } from 'react'
import { dealKey, keysOf as keysOfDeal } from '@/features/crm/useDeal'
import { timelineOf } from '@/features/timeline/entries'
import { api, asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { type Kind, WITH_TASKS } from './kinds'
import { type Shown, sent } from './values'

export type RecordOut = Schemas['RecordOut']
export type FieldOut = Schemas['FieldOut']
export type TypeOut = Schemas['TypeOut']

// The same routes for each kind, each with an address of its own: typed as those of accounts.
type One = '/api/records/account/{account}'
export const oneOf = (kind: Kind) => `/api/records/${kind}/{${kind}}` as One
export const listOf = (kind: Kind) => `/api/records/${kind}` as '/api/records/account'
export const binOf = (kind: Kind) => `/api/records/${kind}-bin` as '/api/records/account-bin'
export const besideOf = <P extends 'tasks' | 'notes' | 'attachments' | 'history' | 'bring-back'>(
  kind: Kind,
  part: P,
) => `/api/records/${kind}/{${kind}}/${part}` as `${One}/${P}`
export const at = (kind: Kind, id: number) => ({ path: { [kind]: id } as { account: number } })

export const recordKey = (kind: Kind, id: number): QueryKey => ['get', oneOf(kind), { params: at(kind, id) }]

/** Beginnings of the keys of all that hangs on one record. */
export function keysOf(kind: Kind, id: number): QueryKey[] {
  const init = { params: at(kind, id) }
  const parts = ['notes', 'attachments', 'history'] as const
  return [
    ...(kind === 'deal' ? [dealKey(id)] : []),
    recordKey(kind, id),
    ...parts.map((part) => ['get', besideOf(kind, part), init]),
    ...(kind === 'account' || kind === 'contact' || kind === 'lead' ? [['get', timelineOf(kind), init]] : []),
    ...(kind === 'contact'
      ? [['get', '/api/contacts/{contact}/consents', { params: { path: { contact: id } } }]]
      : []),
    ...(WITH_TASKS.has(kind) ? [['get', besideOf(kind, 'tasks'), init]] : []),
    ...(kind === 'deal'
      ? [
          ...keysOfDeal(id).slice(1),
          ['get', '/api/deals/{deal}/products', { params: { path: { deal: id } } }],
        ]
      : []),
  ]
}

export function useRecord(kind: Kind, id: number) {
  return api.useQuery('get', oneOf(kind), { params: at(kind, id) })
}

/** The record as open pages are told of it, at most one fetch each `every` milliseconds. */
export function useRecordLive(kind: Kind, id: number, every = 1_000): void {
  const keys = useMemo(() => keysOf(kind, id), [kind, id])
  useLive([[kind, id]], keys, every)
  // Among the fields of a deal is what the forecast says of it.
  useLive(kind === 'deal' ? [['deal_score', id]] : [], [recordKey(kind, id)], every)
}

/** What fields records have. */
export function useTypes() {
  useLive([['fields', 0]], TYPES)
  return api.useQuery('get', '/api/record-types', {}, { staleTime: 10 * 60_000 })
}
const TYPES: QueryKey[] = [['get', '/api/record-types']]

export function useType(kind: Kind): TypeOut | undefined {
  return useTypes().data?.find(({ key }) => key === kind)
}

/** Fetch again what hangs on a record, and the lists that may show it. */
export function useRefresh(): (kind: Kind, id: number) => void {
  const queries = useQueryClient()
  return useCallback(
    (kind, id) => {
      for (const queryKey of keysOf(kind, id)) void queries.invalidateQueries({ queryKey })
      for (const queryKey of [
        ['get', listOf(kind)],
        ['get', binOf(kind)],
        ['get', `/api/${kind}s`],
        ['get', '/api/tasks'],
      ])
        void queries.invalidateQueries({ queryKey })
    },
    [queries],
  )
}

/** What somebody else made of a field while one was editing it. */
export interface Conflict {
  field: FieldOut
  mine: Shown
  theirs: Shown
  who: string
  when: string | null
}

/**
 * Change one field: shown at once, taken back if the server refuses. A field that is not what the editor began from
 * comes back as a Conflict, with who changed it; nothing is overwritten.
 */
export function useChangeField(kind: Kind, id: number, onConflict: (conflict: Conflict) => void) {
  const queries = useQueryClient()
  const refresh = useRefresh()
  const named = useNamed()
  const { message } = App.useApp()
  return useCallback(
    async (field: FieldOut, mine: Shown, known: Shown): Promise<boolean> => {
      const queryKey = recordKey(kind, id)
      await queries.cancelQueries({ queryKey })
      const put = (value: Shown) =>
        queries.setQueryData<RecordOut>(
          queryKey,
          (record) => record && { ...record, values: { ...record.values, [field.key]: value } },
        )
      const before = queries.getQueryData<RecordOut>(queryKey)?.values[field.key] ?? null
      put(mine)
      try {
        const { data } = await client.PATCH(oneOf(kind), {
          params: at(kind, id),
          body: { changes: { [field.key]: { value: sent(mine), known: sent(known) } } },
        })
        queries.setQueryData(queryKey, data)
        refresh(kind, id)
        return true
      } catch (error) {
        put(before)
        const problem = asProblem(error)
        if (problem.code === 'field_conflict') onConflict(await conflictOf(kind, id, field, mine))
        else message.error(problem.fields[field.key] ?? named(problem))
        if (problem.status === 409) refresh(kind, id)
        return false
      }
    },
    [kind, id, queries, refresh, named, message, onConflict],
  )
}

async function conflictOf(kind: Kind, id: number, field: FieldOut, mine: Shown): Promise<Conflict> {
  const [now, history] = await Promise.all([
    client.GET(oneOf(kind), { params: at(kind, id) }),
    client.GET(besideOf(kind, 'history'), { params: at(kind, id) }),
  ])
  const latest = history.data?.find((row) => row.field === field.key)
  return {
    field,
    mine,
    theirs: now.data?.values[field.key] ?? null,
    who: latest?.by ?? '',
    when: latest?.at ?? null,
  }
}

/** Restore what one of the record's changes replaced; told with a way back. */
export async function restored(kind: Kind, id: number, change: number): Promise<string | null> {
  await client.POST('/api/history/{change}/restore', { params: { path: { change } } })
  const { data } = await client.GET(besideOf(kind, 'history'), { params: at(kind, id) })
  return data?.find((row) => row.undoes === change)?.batch ?? null
}
