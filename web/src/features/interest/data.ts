import { keepPreviousData, type QueryKey, useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback, useEffect, useMemo } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { live, useLive } from '@/shared/live'
import type { View } from './cells'

export type HeatMap = Omit<Schemas['HeatMapOut'], 'rows'> & { rows: readonly HeatRow[] }
/** `refused`: somebody of the account does not want to be followed. */
export type HeatRow = Schemas['HeatRowOut'] & { refused: boolean }
export type Topic = Schemas['TopicOut']
export type Weight = Schemas['KindWeightOut']
export type Contribution = Schemas['ContributionOut']

const MAP: QueryKey = ['get', '/api/interest/map']
const REFUSED: QueryKey = ['get', '/api/interest/map/refused']
const WHY: QueryKey = ['get', '/api/accounts/{account}/interest/why']
const ONE: QueryKey = ['get', '/api/accounts/{account}/interest']
const TOPICS: QueryKey = ['get', '/api/topics']
const SUGGESTED: QueryKey = ['get', '/api/topics/suggestions']
const WEIGHTS: QueryKey = ['get', '/api/kind-weights']
/** Milliseconds. Signals may come by the hundred, and a map is large; yet what happens now is seen within a second. */
const CALM = 600
const LONG = 10 * 60_000

export function useMap({ by, days, mine }: View, q: string) {
  useLive([['topics', 0]], [MAP, REFUSED, TOPICS], CALM)
  const narrowed = { ...(q && { q }), ...(mine && { mine }) }
  const refused = api.useQuery(
    'get',
    '/api/interest/map/refused',
    { params: { query: narrowed } },
    { placeholderData: keepPreviousData },
  ).data
  // The map does not wait for who refused.
  const select = useCallback(
    (map: Schemas['HeatMapOut']): HeatMap => {
      const no = new Set(refused)
      return { ...map, rows: map.rows.map((row) => ({ ...row, refused: no.has(row.account.id) })) }
    },
    [refused],
  )
  return api.useQuery(
    'get',
    '/api/interest/map',
    { params: { query: { by, ...(by === 'day' && { days }), ...narrowed } } },
    { placeholderData: keepPreviousData, select },
  )
}

const clock = { waits: false, last: 0 }

/**
 * Fetch again when what `accounts` are interested in changed. One clock for the map and the panel beside it: what both
 * hear is one fetch, and whose rows scroll by meanwhile is no reason to forget it.
 */
export function useInterestLive(accounts: readonly number[]): void {
  const queries = useQueryClient()
  const names = accounts.join()
  useEffect(() => {
    if (!names) return
    const topics = names.split(',').map((id) => ['interest', Number(id)] as const)
    return live.subscribe(topics, (_, spread) => {
      if (clock.waits) return
      clock.waits = true
      const wait = Math.max(10 + Math.random() * spread, clock.last + CALM - Date.now())
      setTimeout(() => {
        clock.waits = false
        clock.last = Date.now()
        for (const queryKey of [WHY, ONE, MAP, REFUSED]) void queries.invalidateQueries({ queryKey })
      }, wait)
    })
  }, [names, queries])
}

export function useTopics() {
  return api.useQuery('get', '/api/topics', {}, { staleTime: LONG })
}

export function useWeights() {
  return api.useQuery('get', '/api/kind-weights', {}, { staleTime: LONG })
}

/** The topics by their keys, and what each is called; the signals that are about none as well. */
export function useTopicName(other: string): (topic: number) => string {
  const { data } = useTopics()
  const named = useNamed()
  const known = useMemo(() => new Map(data?.map((topic) => [topic.id, topic])), [data])
  return (id) => {
    const topic = known.get(id)
    return topic ? named(topic) : id === 0 ? other : '…'
  }
}

/** What says why something failed, and what asks for all that topics and weights bear on. */
export function useAfter() {
  const queries = useQueryClient()
  const named = useNamed()
  const { message } = App.useApp()
  return {
    fail: (error: unknown) => void message.error(named(asProblem(error))),
    say: (text: string) => void message.success(text),
    again: () => {
      for (const queryKey of [TOPICS, WEIGHTS, SUGGESTED, MAP]) void queries.invalidateQueries({ queryKey })
    },
  }
}

export function useTopicsLive(): void {
  useLive([['topics', 0]], [TOPICS, WEIGHTS, SUGGESTED], 1_000)
}
