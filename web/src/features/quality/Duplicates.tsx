import { keepPreviousData } from '@tanstack/react-query'
import { App, Button, Segmented } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { isTyping } from '@/app/keys'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { may, useMe } from '@/shared/me'
import { Empty, ErrorBox, Waiting } from '@/shared/states'
import { useNarrow } from '@/shared/useNarrow'
import { KINDS, type Kind, PAIRS, type Pair, useFields, useReload } from './data'
import { MergeDialog } from './MergeDialog'
import { PairCard } from './PairCard'
import styles from './Quality.module.css'
import { useQualityTexts } from './texts'

type Side = 'low' | 'high'
type State = 'open' | 'dismissed'

/** The queue of pairs, decided with the keyboard or the pointer. */
export function Duplicates() {
  const t = useQualityTexts()
  const narrow = useNarrow()
  const format = useFormat()
  const [search, setSearch] = useSearchParams()
  const kind: Kind = KINDS.find((each) => each === search.get('kind')) ?? 'account'
  const state: State = search.get('show') === 'dismissed' ? 'dismissed' : 'open'
  const choose = (name: string, value: string | undefined) =>
    setSearch(
      (now) => {
        if (value) now.set(name, value)
        else now.delete(name)
        return now
      },
      { replace: true },
    )
  const query = api.useInfiniteQuery(
    'get',
    '/api/duplicates',
    { params: { query: { kind, state, limit: 20 } } },
    {
      pageParamName: 'after',
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page: Schemas['PairsPage']) => page.next ?? undefined,
      placeholderData: keepPreviousData,
    },
  )
  useLive([['duplicates', 0]], [PAIRS], 1_000)
  const pairs = useMemo(() => query.data?.pages.flatMap(({ items }) => items), [query.data])
  const counts = query.data?.pages[0]?.counts
  const fields = useFields(kind)
  return (
    <>
      <div className={styles.filters}>
        <Segmented
          aria-label={t('kind.label')}
          value={kind}
          options={KINDS.map((each) => ({
            value: each,
            label: `${t(`kind.${each}`)} ${counts ? format.number(counts[each] ?? 0) : ''}`,
          }))}
          onChange={(value) => choose('kind', value === 'account' ? undefined : value)}
        />
        <Segmented
          aria-label={t('show.label')}
          value={state}
          options={(['open', 'dismissed'] as const).map((each) => ({
            value: each,
            label: t(`show.${each}`),
          }))}
          onChange={(value) => choose('show', value === 'open' ? undefined : value)}
        />
        <Look />
      </div>
      {query.error && !pairs ? (
        <ErrorBox error={query.error} retry={() => void query.refetch()} />
      ) : !pairs || !fields ? (
        <Waiting rows={8} />
      ) : pairs.length === 0 ? (
        <Empty why={t(state === 'open' ? 'noneOpen' : 'noneDismissed')} />
      ) : (
        <>
          {state === 'open' && !narrow && <p className={styles.faint}>{t('keys')}</p>}
          <Queue
            key={`${kind}-${state}`}
            pairs={pairs}
            fields={fields}
            total={query.data?.pages[0]?.total ?? pairs.length}
          />
        </>
      )}
      {query.hasNextPage && (
        <Button
          className={styles.more}
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
    </>
  )
}

function Look() {
  const t = useQualityTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const { data: me } = useMe()
  const look = api.useMutation('post', '/api/duplicates/search', {
    onSuccess: ({ kinds }) => void message.success(t(kinds.length ? 'searching' : 'waiting')),
    onError: (error) => void message.error(named(asProblem(error))),
  })
  if (!me || !may(me, 'configure')) return null
  return (
    <Button className={styles.look} loading={look.isPending} onClick={() => look.mutate({})}>
      {t('search')}
    </Button>
  )
}

function Queue({
  pairs,
  fields,
  total,
}: {
  pairs: readonly Pair[]
  fields: NonNullable<ReturnType<typeof useFields>>
  total: number
}) {
  const t = useQualityTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const reload = useReload(PAIRS)
  const [at, setAt] = useState(0)
  const [keeps, setKeeps] = useState<Record<number, Side>>({})
  const [merging, setMerging] = useState<Pair>()
  const failed = (error: unknown) => void message.error(named(asProblem(error)))
  const dismissed = api.useMutation('post', '/api/duplicates/{pair}/dismiss', {
    onSuccess: () => {
      void message.success(t('dismissed'))
      return reload()
    },
    onError: failed,
  })
  const reopened = api.useMutation('post', '/api/duplicates/{pair}/reopen', {
    onSuccess: () => {
      void message.success(t('reopened'))
      return reload()
    },
    onError: failed,
  })
  const here = Math.min(at, pairs.length - 1)
  const dismiss = (pair: Pair) => dismissed.mutate({ params: { path: { pair: pair.id } } })
  const keep = (pair: Pair, side: Side) => setKeeps((now) => ({ ...now, [pair.id]: side }))
  const keyed = (key: string): boolean => {
    const pair = pairs[here]
    if (!pair) return false
    if (key === 'arrowdown') setAt(Math.min(here + 1, pairs.length - 1))
    else if (key === 'arrowup') setAt(Math.max(here - 1, 0))
    else if (pair.state !== 'open' || !pair.may_decide) return false
    else if (key === 'k') keep(pair, 'low')
    else if (key === 'l') keep(pair, 'high')
    else if (key === 'm') setMerging(pair)
    else if (key === 'd' && !dismissed.isPending) dismiss(pair)
    else return false
    return true
  }
  useKeyed(keyed)
  return (
    <div className={styles.queue}>
      {pairs.map((pair, place) => (
        <PairCard
          key={pair.id}
          pair={pair}
          fields={fields}
          number={place + 1}
          total={total}
          active={place === here}
          keeps={keeps[pair.id] ?? 'low'}
          busy={(dismissed.isPending || reopened.isPending) && place === here}
          activate={() => setAt(place)}
          keep={(side) => keep(pair, side)}
          merge={() => setMerging(pair)}
          dismiss={() => dismiss(pair)}
          reopen={() => reopened.mutate({ params: { path: { pair: pair.id } } })}
        />
      ))}
      {merging && (
        <MergeDialog
          pair={merging}
          fields={fields}
          keeps={keeps[merging.id] ?? 'low'}
          close={() => setMerging(undefined)}
        />
      )}
    </div>
  )
}

/** Keys of this page: not while somebody types, in a dialog, or after G, which goes elsewhere. */
function useKeyed(keyed: (key: string) => boolean): void {
  const latest = useRef(keyed)
  latest.current = keyed
  useEffect(() => {
    let led = 0
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target))
        return
      if (document.querySelector('[role="dialog"]')) return
      const key = event.key.toLowerCase()
      const after = Date.now() - led < 1_200
      led = key === 'g' ? Date.now() : 0
      const within =
        event.target instanceof Element && event.target.closest('[role="radiogroup"], .ant-segmented')
      if (after || (within && key.startsWith('arrow'))) return
      if (latest.current(key)) event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
