import { useCallback, useEffect, useMemo, useState } from 'react'
import { api } from '@/shared/api'
import type { All } from './condition'
import { groupsPath, questionOf, useRecords } from './data'
import type { Field, Fields } from './fields'
import { type Feed, inOrder, keyOf, linesOf, summed, testOf, useGroupLabel } from './groups'
import type { Kind } from './kinds'
import type { Names } from './names'
import type { ListState } from './state'

/** How many records there are of each value of a field, and what they are worth. */
export function useGroupCounts(
  kind: Kind,
  field: Field | undefined,
  state: Pick<ListState, 'where' | 'q' | 'sort'>,
  fields: Fields,
) {
  const money = summed(kind, fields)
  const { where, q } = questionOf(state)
  const by = field?.key ?? ''
  return api.useQuery(
    'get',
    groupsPath(kind.key),
    { params: { query: { by, ...(money && { sums: money }), ...(where && { where }), ...(q && { q }) } } },
    {
      enabled: field !== undefined,
      // Not the groups of another field: their values mean something else.
      placeholderData: (before, asked) =>
        (asked?.queryKey[2] as { params?: { query?: { by?: string } } } | undefined)?.params?.query?.by === by
          ? before
          : undefined,
    },
  )
}

const NONE: ReadonlySet<string> = new Set()

/** A list in groups: its lines, and what fetches the rows of those that are open. */
export function useGroups(
  kind: Kind,
  field: Field | undefined,
  state: ListState,
  columns: readonly string[],
  fields: Fields,
  names: Names,
) {
  const query = useGroupCounts(kind, field, state, fields)
  const labelOf = useGroupLabel(field, names)
  const of = `${kind.key} ${field?.key}`
  const [opening, setOpening] = useState({ of, keys: NONE })
  const opened = opening.of === of ? opening.keys : NONE
  const [feeds, setFeeds] = useState<ReadonlyMap<string, Feed>>(new Map())
  const take = useCallback(
    (key: string, feed: Feed | undefined) =>
      setFeeds((now) => {
        const next = new Map(now)
        if (feed) next.set(key, feed)
        else next.delete(key)
        return next
      }),
    [],
  )
  const groups = useMemo(
    () => field && query.data && inOrder(query.data, field, names, labelOf),
    [field, query.data, names, labelOf],
  )
  const lines = useMemo(() => (groups ? linesOf(groups, opened, feeds) : []), [groups, opened, feeds])
  const toggle = (key: string) => {
    const keys = new Set(opened)
    if (!keys.delete(key)) keys.add(key)
    setOpening({ of, keys })
  }
  return {
    query,
    groups,
    lines,
    labelOf,
    toggle,
    total: groups?.reduce((sum, { count }) => sum + count, 0),
    feeds:
      field &&
      groups
        ?.filter((group) => opened.has(keyOf(group)))
        .map((group) => (
          <GroupFeed
            key={`${of} ${keyOf(group)}`}
            of={keyOf(group)}
            kind={kind}
            state={state}
            test={{ field: field.key, ...testOf(field, group.value) }}
            columns={columns}
            take={take}
          />
        )),
  }
}

/** Fetches the rows of one open group, and shows nothing itself. */
function GroupFeed({
  of,
  kind,
  state,
  test,
  columns,
  take,
}: {
  of: string
  kind: Kind
  state: ListState
  test: All['all'][number]
  columns: readonly string[]
  take: (key: string, feed: Feed | undefined) => void
}) {
  const { query, rows } = useRecords(
    kind,
    { where: { all: [...state.where.all, test] }, q: state.q, sort: state.sort },
    columns,
  )
  const { hasNextPage, fetchNextPage, isFetchingNextPage, isLoading, error, refetch } = query
  useEffect(() => {
    const again = error && rows.length === 0 ? () => void refetch() : undefined
    take(of, {
      rows,
      more: hasNextPage ? () => void fetchNextPage() : again,
      loading: isLoading || isFetchingNextPage,
      failed: error,
    })
  }, [of, take, rows, hasNextPage, fetchNextPage, isFetchingNextPage, isLoading, error, refetch])
  useEffect(() => () => take(of, undefined), [of, take])
  return null
}
