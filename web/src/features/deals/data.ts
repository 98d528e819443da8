import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useLive } from '@/shared/live'
import { type Filter, queryOf } from './filter'

export type Deal = Schemas['DealRow']
export type Outlook = Schemas['OutlookRow']

/** A list of many changes often: fetched again at most so often, in milliseconds. */
const CALM = 5_000

export function useDeals(filter: Filter) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/deals',
    { params: { query: queryOf(filter) } },
    {
      pageParamName: 'after',
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page: Schemas['DealsPage']) => page.next ?? undefined,
      placeholderData: keepPreviousData,
    },
  )
  useLive([['deals', 0]], [['get', '/api/deals']], CALM)
  const pages = query.data?.pages
  const deals = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages])
  return { query, deals, total: pages?.[0]?.total, pages }
}

/** The outlooks of all open deals on these pages, each page asked for once. `null`: there is none. */
export function useOutlooks(pages: readonly Schemas['DealsPage'][] | undefined) {
  const asked = (pages ?? [])
    .map((page) => page.items.filter(({ status }) => status === 'open').map(({ id }) => id))
    .filter((ids) => ids.length > 0)
  const answers = useQueries({
    queries: asked.map((ids) =>
      api.queryOptions('get', '/api/forecast/deals', { params: { query: { ids: ids.join(',') } } }),
    ),
    combine: (results) => ({
      rows: results.flatMap(({ data }) => data ?? []),
      failed: results.some(({ error }) => error),
      waiting: results.some(({ isPending }) => isPending),
    }),
  })
  useLive([['forecast', 0]], [['get', '/api/forecast/deals']], CALM)
  const { rows, failed, waiting } = answers
  const byDeal = useMemo(() => new Map(rows.map((row) => [row.deal, row])), [rows])
  return { outlookOf: (deal: Deal) => byDeal.get(deal.id), failed, waiting }
}

export type Outlooks = ReturnType<typeof useOutlooks>
