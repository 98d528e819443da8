import { type InfiniteData, keepPreviousData, useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { ApiProblem, api, client, type Schemas } from '@/shared/api'
import { useLive } from '@/shared/live'

export type Kind = Schemas['PoolShareOut']['kind']
export type Row = Schemas['PoolRow']
export type Move = Schemas['PoolMoveOut']
export type Share = Schemas['PoolShareOut']
export type Overview = Schemas['PoolOut']
export type Rule = Schemas['PoolRuleOut']
export type Batch = Schemas['BatchOut']
type Page = Schemas['PoolPage']

export const KINDS: readonly Kind[] = ['account', 'lead']
export const OVERVIEW = ['get', '/api/pool', {}] as const
export const RULES = ['get', '/api/pool/rules'] as const

// The same routes for both kinds, each with an address of its own: typed as those of accounts.
export const listPath = (kind: Kind) => `/api/pool/${kind}` as '/api/pool/account'
export const onePath = (kind: Kind) => `/api/pool/${kind}/{${kind}}` as '/api/pool/account/{account}'
export const rulePath = (kind: Kind) => `/api/pool/${kind}-rules/{line}` as '/api/pool/account-rules/{line}'
export const at = (kind: Kind, id: number) => ({ path: { [kind]: id } as { account: number } })

const PAGE = 50
const CALM = 2_000

export function useOverview() {
  return api.useQuery('get', '/api/pool', {})
}

export function usePool(kind: Kind, q: string) {
  const query = api.useInfiniteQuery(
    'get',
    listPath(kind),
    { params: { query: { ...(q && { q }), limit: PAGE } } },
    {
      pageParamName: 'after',
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page: Page) => page.next ?? undefined,
      placeholderData: keepPreviousData,
    },
  )
  useLive([['pool', 0]], [['get', listPath(kind)], OVERVIEW], CALM)
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items), [query.data])
  return { query, rows }
}

/** A list without some of its rows. */
export function without(
  data: InfiniteData<Page> | undefined,
  ids: ReadonlySet<number>,
): InfiniteData<Page> | undefined {
  if (!data?.pages) return data
  const gone = data.pages.flatMap(({ items }) => items).filter(({ id }) => ids.has(id)).length
  return {
    ...data,
    pages: data.pages.map((page) => ({
      ...page,
      items: page.items.filter(({ id }) => !ids.has(id)),
      total: page.total - gone,
    })),
  }
}

/** The overview once `count` records of a kind were claimed. */
export function counted(overview: Overview | undefined, kind: Kind, count: number): Overview | undefined {
  return (
    overview && {
      ...overview,
      kinds: overview.kinds.map((share) =>
        share.kind === kind
          ? {
              ...share,
              total: Math.max(0, share.total - count),
              allowance: share.allowance && {
                ...share.allowance,
                claimed: share.allowance.claimed + count,
                held: share.allowance.held + count,
              },
            }
          : share,
      ),
    }
  )
}

/** How many the person may still claim today; null where nothing limits it. */
export function leftToday(share: Share | undefined): number | null {
  const { quota, claimed = 0 } = share?.allowance ?? {}
  return quota == null ? null : Math.max(0, quota - claimed)
}

/** Why a row that may be claimed cannot be now; null where it can. */
export function hindrance(row: Row, share: Share | undefined): 'cooling' | 'quotaUsed' | 'full' | null {
  if (row.claim_from) return 'cooling'
  if (leftToday(share) === 0) return 'quotaUsed'
  const { limit, held = 0 } = share?.allowance ?? {}
  return limit != null && held >= limit ? 'full' : null
}

export interface Outcome {
  done: readonly number[]
  refused: readonly { zh: string; en: string }[]
}

/**
 * Claim rows: they leave the list at once, and those that were refused come back with the next fetch. Where somebody
 * else was faster, that is said. Throws what is no refusal.
 */
export function useClaim(kind: Kind): (rows: readonly Row[]) => Promise<Outcome> {
  const queries = useQueryClient()
  return useCallback(
    async (rows) => {
      const queryKey = ['get', listPath(kind)]
      const ids = rows.map(({ id }) => id)
      await Promise.all([
        queries.cancelQueries({ queryKey }),
        queries.cancelQueries({ queryKey: OVERVIEW, exact: true }),
      ])
      queries.setQueriesData<InfiniteData<Page>>({ queryKey }, (data) => without(data, new Set(ids)))
      queries.setQueryData<Overview>(OVERVIEW, (now) => counted(now, kind, ids.length))
      try {
        return await claimed(kind, ids)
      } finally {
        for (const key of [queryKey, OVERVIEW, ['get', `/api/records/${kind}`]])
          void queries.invalidateQueries({ queryKey: key })
      }
    },
    [queries, kind],
  )
}

async function claimed(kind: Kind, ids: readonly number[]): Promise<Outcome> {
  if (ids.length === 1) {
    try {
      await client.POST(`${onePath(kind)}/claim`, { params: at(kind, ids[0] ?? 0) })
      return { done: ids, refused: [] }
    } catch (error) {
      if (error instanceof ApiProblem && !error.passing) return { done: [], refused: [error] }
      throw error
    }
  }
  const path = `/api/pool/${kind}-claims` as '/api/pool/account-claims'
  const { data } = await client.POST(path, { body: { ids: [...ids] } })
  return { done: data?.changed ?? [], refused: data?.refused ?? [] }
}
