import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, type Schemas } from './api'

export type Me = Schemas['Me']
export type Action =
  | 'see'
  | 'change'
  | 'export'
  | 'assign'
  | 'claim'
  | 'delete'
  | 'share'
  | 'configure'
  | 'administer'

export const ME = api.queryOptions('get', '/api/me', {}).queryKey

/** Who is signed in. Inside the shell they are known; `data` is there. */
export function useMe() {
  return api.useQuery('get', '/api/me', {}, { staleTime: 5 * 60_000 })
}

/** Whether somebody may do `action` at all. For a single record, ask the record (`may_change`). */
export function may(me: Me, action: Action): boolean {
  return (me.scopes[action] ?? 'none') !== 'none'
}

/** Take what the server just said about the person, without asking again. */
export function useKeepMe(): (me: Me) => void {
  const queries = useQueryClient()
  return useCallback((me) => void queries.setQueryData(ME, me), [queries])
}
