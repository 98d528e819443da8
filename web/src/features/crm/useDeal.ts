import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback } from 'react'
import { api, asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { live } from '@/shared/live'
import type { Deal } from './stages'
import { useDealTexts } from './texts'

export const dealKey = (deal: number): QueryKey => [
  'get',
  '/api/deals/{deal}',
  { params: { path: { deal } } },
]

/** Of what the forecast says of a deal, and said. */
export const scoreKeys = (deal: number): QueryKey[] => {
  const path = { params: { path: { deal } } }
  return [
    ['get', '/api/deals/{deal}/forecast', path],
    ['get', '/api/deals/{deal}/forecast/history', path],
  ]
}

/** Beginnings of the keys of all that hangs on one deal. */
export const keysOf = (deal: number): QueryKey[] => {
  const path = { params: { path: { deal } } }
  return [
    dealKey(deal),
    ['get', '/api/deals/{deal}/timeline', path],
    ...scoreKeys(deal),
    ['get', '/api/deals/{deal}/tasks', path],
    ['get', '/api/deals/{deal}/people', path],
  ]
}

export function useDeal(deal: number) {
  return api.useQuery('get', '/api/deals/{deal}', { params: { path: { deal } } })
}

/** Take the deal as the server now has it, and fetch what follows from it, unless the event socket will say so. */
export function useTakeDeal(): (deal: Deal) => void {
  const queries = useQueryClient()
  return useCallback(
    (deal) => {
      queries.setQueryData(dealKey(deal.id), deal)
      if (live.getState() !== 'open')
        for (const queryKey of keysOf(deal.id).slice(1)) void queries.invalidateQueries({ queryKey })
      void queries.invalidateQueries({ queryKey: ['get', '/api/deals'] })
    },
    [queries],
  )
}

/** Say why something was refused. A deal that somebody else changed meanwhile is fetched again. */
export function useRefused(deal: number): (error: unknown) => void {
  const { message } = App.useApp()
  const queries = useQueryClient()
  const named = useNamed()
  const t = useDealTexts()
  return useCallback(
    (error) => {
      const problem = asProblem(error)
      if (problem.status === 409) {
        void queries.invalidateQueries({ queryKey: dealKey(deal) })
        message.warning(t('conflict.again'))
      } else message.error(named(problem))
    },
    [message, queries, named, t, deal],
  )
}
