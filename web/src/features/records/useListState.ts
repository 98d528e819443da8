import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { api } from '@/shared/api'
import { useLive } from '@/shared/live'
import type { Kind } from './kinds'
import { baseOf, type ListState, readState, writeState } from './state'

/** Let part of what a list shows be otherwise. */
export type Change = (part: Partial<ListState>) => void

/** The saved views of a kind. */
export function useViews(kind: Kind) {
  useLive([['views', 0]], [['get', '/api/views']])
  return api.useQuery(
    'get',
    '/api/views',
    {},
    { staleTime: 5 * 60_000, select: (views) => views.filter((view) => view.record_type === kind.key) },
  )
}

export type Views = NonNullable<ReturnType<typeof useViews>['data']>

/** What a list shows, as its address and its view say; `change` writes it into the address. */
export function useListState(kind: Kind, views: Views) {
  const [search, setSearch] = useSearchParams()
  const view = views.find(({ id, usable }) => usable && id === Number(search.get('view')))
  const base = useMemo(() => baseOf(kind, view?.settings), [kind, view])
  const state = useMemo(() => {
    const read = readState(search, kind, base)
    return view ? read : { ...read, view: undefined }
  }, [search, kind, base, view])
  const change = useCallback(
    (part: Partial<ListState>) =>
      setSearch((now) => writeState({ ...readState(now, kind, base), view: view?.id, ...part }, base, now), {
        replace: true,
        preventScrollReset: true,
      }),
    [setSearch, kind, base, view],
  )
  return { search, setSearch, base, state, change }
}
