import { keepPreviousData, useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback, useMemo } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useAddress } from '../useAddress'
import { ROLES, type Role } from '../words'

export type Person = Schemas['PersonOut']

export interface PeopleFilter {
  q: string
  team?: number
  role?: Role
  status: 'active' | 'inactive' | 'all'
}

const STATUSES = ['active', 'inactive', 'all'] as const

export function usePeopleFilter() {
  const { search, change, number } = useAddress()
  const role = search.get('role')
  const status = search.get('status')
  const filter: PeopleFilter = {
    q: search.get('q')?.trim() ?? '',
    team: number('team'),
    role: ROLES.find((one) => one === role),
    status: STATUSES.find((one) => one === status) ?? 'active',
  }
  return {
    filter,
    opened: number('person'),
    change: useCallback(
      (part: Partial<PeopleFilter> & { person?: number }) =>
        change({ ...part, ...(part.status === 'active' && { status: undefined }) }),
      [change],
    ),
  }
}

export function usePeople({ q, team, role, status }: PeopleFilter) {
  const query = api.useInfiniteQuery(
    'get',
    '/api/people',
    {
      params: {
        query: { q, team, role, active: status === 'all' ? undefined : status === 'active', limit: 50 },
      },
    },
    {
      pageParamName: 'after',
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (page: Schemas['PeoplePage']) => page.next ?? undefined,
      placeholderData: keepPreviousData,
    },
  )
  const pages = query.data?.pages
  const people = useMemo(() => pages?.flatMap((page) => page.items), [pages])
  return { query, people, total: pages?.[0]?.total }
}

/** After a change of people or teams: whatever tells of them is asked for again. */
export function useAgain(): () => Promise<unknown> {
  const queries = useQueryClient()
  return useCallback(
    () =>
      Promise.all(
        [
          '/api/people',
          '/api/people/{person}',
          '/api/people/{person}/holdings',
          '/api/organisation',
          '/api/roles',
          '/api/users',
          '/api/teams',
          '/api/me',
        ].map((path) => queries.invalidateQueries({ queryKey: ['get', path] })),
      ),
    [queries],
  )
}

/** Say why something was refused. */
export function useSayWhy(): (error: unknown) => void {
  const named = useNamed()
  const { message } = App.useApp()
  return (error) => void message.error(named(asProblem(error)))
}
