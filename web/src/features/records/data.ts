import { type InfiniteData, keepPreviousData, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback, useMemo } from 'react'
import { api, asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { type Field, plainOf, type Row, type Shown } from './fields'
import type { Kind, KindKey } from './kinds'
import type { ListState } from './state'

type Page = Schemas['RecordsPage']

/** Lists of a kind, and one of its records: each kind has the same routes, so one stands for all in types. */
export const listPath = (kind: KindKey) => `/api/records/${kind}` as '/api/records/deal'
export const onePath = (kind: KindKey) => `/api/records/${kind}/{${kind}}` as '/api/records/deal/{deal}'
export const keyOf = (kind: KindKey, id: number) => ({ path: { [kind]: id } as { deal: number } })

const PAGE = 50
/** A list of many changes often: fetched again at most so often, in milliseconds. */
const CALM = 5_000

/** What a list asks the server for. */
export function questionOf(state: Pick<ListState, 'where' | 'q' | 'sort'>) {
  return {
    ...(state.where.all.length > 0 && { where: JSON.stringify(state.where) }),
    ...(state.q && { q: state.q }),
    sort: state.sort,
  }
}

export function useRecords(
  kind: Kind,
  state: Pick<ListState, 'where' | 'q' | 'sort'>,
  columns: readonly string[],
  { enabled = true, page = PAGE }: { enabled?: boolean; page?: number } = {},
) {
  const asked = [...new Set([...columns, ...kind.along])].toSorted().join(',')
  const query = api.useInfiniteQuery(
    'get',
    listPath(kind.key),
    { params: { query: { ...questionOf(state), columns: asked, limit: page } } },
    {
      pageParamName: 'after',
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page: Page) => page.next ?? undefined,
      placeholderData: keepPreviousData,
      enabled,
    },
  )
  const pages = query.data?.pages
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages])
  return { query, rows, total: pages?.[0]?.total, pages }
}

/** Let lists, boards and sums of a kind follow what others do. */
export function useLiveLists(kind: Kind): void {
  useLive(
    kind.key === 'deal'
      ? [
          ['deals', 0],
          ['forecast', 0],
          ['currencies', 0],
        ]
      : [[`${kind.key}s`, 0]],
    [
      ['get', listPath(kind.key)],
      ['get', groupsPath(kind.key)],
      ['get', '/api/funnel'],
    ],
    CALM,
  )
}

export const groupsPath = (kind: KindKey) => `/api/records/${kind}-groups` as '/api/records/deal-groups'

/** Change what every open list shows of a record; the result brings back what they showed. */
export function patchLists(
  queries: QueryClient,
  kind: KindKey,
  id: number,
  change: (row: Row) => Row,
): () => void {
  const queryKey = ['get', listPath(kind)]
  const before = queries.getQueriesData<InfiniteData<Page>>({ queryKey })
  queries.setQueriesData<InfiniteData<Page>>({ queryKey }, (data) =>
    data?.pages
      ? {
          ...data,
          pages: data.pages.map((page) =>
            page.items.some((row) => row.id === id)
              ? { ...page, items: page.items.map((row) => (row.id === id ? change(row) : row)) }
              : page,
          ),
        }
      : data,
  )
  return () => {
    for (const [key, data] of before) queries.setQueryData(key, data)
  }
}

/** Let a record's pages and lists be fetched again. */
export function useRefetch(kind: KindKey): () => void {
  const queries = useQueryClient()
  return useCallback(() => {
    for (const path of [listPath(kind), groupsPath(kind), '/api/funnel'])
      void queries.invalidateQueries({ queryKey: ['get', path] })
  }, [queries, kind])
}

/** Two people changed the same field: what it is now, what was to be, and who was quicker in one sentence. */
export interface Conflict {
  row: Row
  field: Field
  theirs: Shown
  mine: Shown
  told: { zh: string; en: string }
}

/**
 * Change one field of a record: shown at once, taken back where it is refused. Resolves to the conflict where
 * somebody else changed the same field since it was shown.
 */
export function useEdit(kind: KindKey) {
  const queries = useQueryClient()
  const named = useNamed()
  const { message } = App.useApp()
  return useCallback(
    async (row: Row, field: Field, value: Shown, known = row.values[field.key]): Promise<Conflict | null> => {
      await queries.cancelQueries({ queryKey: ['get', listPath(kind)] })
      const takeBack = patchLists(queries, kind, row.id, (one) => ({
        ...one,
        title: field.key === 'name' ? String(value) : one.title,
        values: { ...one.values, [field.key]: value },
      }))
      try {
        const { data } = await client.PATCH(onePath(kind), {
          params: keyOf(kind, row.id),
          body: {
            changes: { [field.key]: { value: plainOf(value) as never, known: plainOf(known) as never } },
          },
        })
        if (data) takeRecord(queries, kind, data)
        return null
      } catch (error) {
        takeBack()
        const problem = asProblem(error)
        if (problem.code !== 'field_conflict') {
          message.error(named(problem))
          return null
        }
        const { data } = await client.GET(onePath(kind), { params: keyOf(kind, row.id) })
        if (!data) return null
        takeRecord(queries, kind, data)
        return { row: data, field, theirs: data.values[field.key] ?? null, mine: value, told: problem }
      }
    },
    [queries, kind, named, message],
  )
}

/** Let lists show a record as the server now has it. */
export function takeRecord(queries: QueryClient, kind: KindKey, record: Row): void {
  patchLists(queries, kind, record.id, (row) => ({
    ...row,
    title: record.title,
    version: record.version,
    values: { ...row.values, ...pick(record.values, Object.keys(row.values)) },
  }))
}

function pick(values: Row['values'], keys: readonly string[]): Row['values'] {
  return Object.fromEntries(keys.filter((key) => key in values).map((key) => [key, values[key] as Shown]))
}
