import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'

export const STATUSES = ['open', 'won', 'lost', 'all'] as const
export const SORTS = ['-opened_at', 'opened_at', '-amount', 'amount', 'expected_close_on'] as const
const NUMBERS = ['pipeline', 'stage', 'owner', 'account'] as const

/** What the list shows; the address says it, so that it can be kept and sent on. */
export interface Filter {
  q: string
  status: (typeof STATUSES)[number]
  sort: (typeof SORTS)[number]
  pipeline?: number
  stage?: number
  owner?: number
  account?: number
}

const USUAL: Pick<Filter, 'q' | 'status' | 'sort'> = { q: '', status: 'open', sort: '-opened_at' }

/** Read a filter from an address; what makes no sense is as if it were not there. */
export function readFilter(search: URLSearchParams): Filter {
  const oneOf = <T extends string>(choices: readonly T[], name: string, usual: T) =>
    choices.find((choice) => choice === search.get(name)) ?? usual
  const filter: Filter = {
    q: search.get('q')?.trim() ?? '',
    status: oneOf(STATUSES, 'status', USUAL.status),
    sort: oneOf(SORTS, 'sort', USUAL.sort),
  }
  for (const name of NUMBERS) {
    const value = Number(search.get(name))
    if (Number.isSafeInteger(value) && value > 0) filter[name] = value
  }
  return filter
}

/** Write a filter for an address, without what is as usual. */
export function writeFilter(filter: Filter): URLSearchParams {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(filter))
    if (value !== undefined && value !== USUAL[name as keyof typeof USUAL]) search.set(name, String(value))
  return search
}

/** What to ask the server for. */
export function queryOf({ q, status, ...rest }: Filter) {
  return { ...rest, ...(q && { q }), ...(status !== 'all' && { status }), limit: 50 }
}

/** Whether anything is left out, apart from the status. */
export function narrows(filter: Filter): boolean {
  return filter.q !== '' || NUMBERS.some((name) => filter[name] !== undefined)
}

export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [search, setSearch] = useSearchParams()
  const filter = useMemo(() => readFilter(search), [search])
  const change = useCallback(
    (part: Partial<Filter>) =>
      setSearch((now) => writeFilter({ ...readFilter(now), ...part }), {
        replace: true,
        preventScrollReset: true,
      }),
    [setSearch],
  )
  return [filter, change]
}
