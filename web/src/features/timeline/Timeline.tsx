import { CloseOutlined } from '@ant-design/icons'
import { useQueries } from '@tanstack/react-query'
import { Button, Checkbox, Segmented, Skeleton } from 'antd'
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { api } from '@/shared/api'
import { Delayed, Empty, ErrorBox } from '@/shared/states'
import { EntryItem, entryId, type Tag } from './EntryItem'
import { offered, rowsOf, type TimelineKind, timelineOf } from './entries'
import styles from './Timeline.module.css'
import { useTimelineTexts } from './texts'

/** Entries that somebody asked to see, and why. Each asking is a new object: the same may be asked for twice. */
export interface Focus {
  title: string
  entries: number[]
}

interface Props {
  kind: TimelineKind
  id: number
  focus: Focus | null
  onClear: () => void
  /** Entries that are pointed at elsewhere right now. */
  hint: number[]
  /** Drivers that an entry is behind. */
  tags: Map<number, Tag[]>
  onTag: (code: string) => void
  /** What to do where nothing has happened yet. */
  action?: ReactNode
}

const ALL = 'all'
const PAGE = 30

/** What happened, newest first. */
export const Timeline = memo(function Timeline({
  kind,
  id,
  focus,
  onClear,
  hint,
  tags,
  onTag,
  action,
}: Props) {
  const t = useTimelineTexts()
  const [group, setGroup] = useState(ALL)
  const [keyOnly, setKeyOnly] = useState(false)
  const list = useRef<HTMLOListElement>(null)
  const all = useEntries(kind, id, ALL, false)
  const filtered = group !== ALL || keyOnly
  const some = useEntries(kind, id, group, keyOnly, filtered)
  const query = filtered ? some : all
  const counts = all.data?.pages[0]?.counts ?? {}
  const groups = offered(counts)
  const total = groups.reduce((sum, { count }) => sum + count, 0)

  const loaded = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const asked = useQueries({
    queries: (focus?.entries ?? [])
      .filter((wanted) => !loaded.some((entry) => entry.id === wanted))
      .map((entry) =>
        api.queryOptions('get', '/api/deals/{deal}/timeline/{entry}', {
          params: { path: { deal: id, entry } },
        }),
      ),
    combine: (results) => ({
      entries: results.flatMap(({ data }) => data ?? []),
      waiting: results.some(({ isPending }) => isPending),
    }),
  })
  const rows = rowsOf(loaded, asked.entries, query.hasNextPage)

  const [seen, setSeen] = useState(focus)
  if (focus !== seen) {
    setSeen(focus)
    if (focus) {
      setGroup(ALL)
      setKeyOnly(false)
    }
  }
  const ready = focus !== null && !asked.waiting && !filtered && query.isSuccess
  useEffect(() => {
    if (!ready || !focus) return
    const first = rowsFirst(list.current, focus.entries)
    first?.scrollIntoView({ block: 'center', behavior: 'smooth' })
    first?.focus({ preventScroll: true })
  }, [ready, focus])

  const fresh = useFresh(all.data?.pages[0]?.items.map((entry) => entry.id))

  return (
    <section className={styles.card} aria-labelledby="timeline">
      <header className={styles.head}>
        <h2 id="timeline">{t('title')}</h2>
        {groups.length > 1 && (
          <div className={styles.groups}>
            <Segmented
              size="small"
              value={group}
              onChange={setGroup}
              aria-label={t('filter')}
              options={[
                { value: ALL, label: <Label name={t('all')} count={total} /> },
                ...groups.map(({ group: name, count }) => ({
                  value: name,
                  label: (
                    <Label name={GROUP_NAMES.has(name) ? t(`group.${name as 'mail'}`) : name} count={count} />
                  ),
                })),
              ]}
            />
          </div>
        )}
        {total > 0 && (
          <Checkbox
            className={styles.keyOnly}
            checked={keyOnly}
            onChange={(event) => setKeyOnly(event.target.checked)}
          >
            {t('keyOnly')}
          </Checkbox>
        )}
      </header>
      {focus && (
        <div className={styles.focus}>
          <span>{t('focus', { count: focus.entries.length, title: focus.title })}</span>
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined />}
            aria-label={t('unfocus')}
            onClick={onClear}
          />
        </div>
      )}
      {query.isPending ? (
        <Delayed>
          <div className={styles.waiting}>
            <Skeleton active avatar={{ size: 28 }} title={false} paragraph={{ rows: 2 }} />
            <Skeleton active avatar={{ size: 28 }} title={false} paragraph={{ rows: 2 }} />
            <Skeleton active avatar={{ size: 28 }} title={false} paragraph={{ rows: 2 }} />
          </div>
        </Delayed>
      ) : query.error && !query.data ? (
        <ErrorBox error={query.error} retry={() => void query.refetch()} />
      ) : rows.length === 0 ? (
        <Empty
          why={t(filtered ? 'emptyFiltered' : `empty.${kind}`)}
          action={
            filtered ? (
              <Button
                onClick={() => {
                  setGroup(ALL)
                  setKeyOnly(false)
                }}
              >
                {t('showAll')}
              </Button>
            ) : (
              action
            )
          }
        />
      ) : (
        <ol ref={list} className={styles.list}>
          {rows.map((row) =>
            row.kind === 'gap' ? (
              <li key={row.key} className={styles.gap}>
                {t('gap')}
              </li>
            ) : (
              <EntryItem
                key={row.entry.id}
                entry={row.entry}
                lit={focus?.entries.includes(row.entry.id) ?? false}
                hinted={hint.includes(row.entry.id)}
                fresh={fresh.has(row.entry.id)}
                tags={tags.get(row.entry.id)}
                onTag={onTag}
              />
            ),
          )}
        </ol>
      )}
      {query.hasNextPage && (
        <More
          waiting={query.isFetchingNextPage}
          failed={query.isFetchNextPageError}
          onMore={() => void query.fetchNextPage()}
        />
      )}
    </section>
  )
})

const GROUP_NAMES = new Set([
  'mail',
  'call',
  'meeting',
  'visit',
  'chat',
  'web',
  'quote',
  'stage',
  'task',
  'signal',
  'system',
])

function Label({ name, count }: { name: string; count: number }) {
  return (
    <>
      {name} <span className={styles.count}>{count}</span>
    </>
  )
}

/** Fetches more when its button comes near the screen; the button is for the keyboard, and after a failure. */
function More({ waiting, failed, onMore }: { waiting: boolean; failed: boolean; onMore: () => void }) {
  const t = useTimelineTexts()
  const box = useRef<HTMLDivElement>(null)
  const latest = useRef(onMore)
  latest.current = onMore
  useEffect(() => {
    if (!box.current || waiting || failed) return
    const watch = new IntersectionObserver(([seen]) => seen?.isIntersecting && latest.current(), {
      rootMargin: '200px',
    })
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [waiting, failed])
  return (
    <div ref={box} className={styles.more}>
      <Button type="text" size="small" loading={waiting} onClick={onMore}>
        {t(failed ? 'moreFailed' : 'more')}
      </Button>
    </div>
  )
}

function useEntries(kind: TimelineKind, id: number, group: string, key: boolean, enabled = true) {
  return api.useInfiniteQuery(
    'get',
    timelineOf(kind),
    {
      params: {
        path: { [kind]: id } as { deal: number },
        query: { limit: PAGE, ...(group !== ALL && { groups: group }), ...(key && { key }) },
      },
    },
    {
      pageParamName: 'before',
      // Not undefined: that would be sent as 0.
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next ?? undefined,
      enabled,
    },
  )
}

/** Which of `ids` came while the page was open. */
function useFresh(ids: number[] | undefined): Set<number> {
  const known = useRef<Set<number> | null>(null)
  const fresh = useRef(new Set<number>())
  if (ids) {
    if (known.current) for (const id of ids) if (!known.current.has(id)) fresh.current.add(id)
    known.current = new Set([...(known.current ?? []), ...ids])
  }
  return fresh.current
}

/** The topmost of the `entries` asked for: the list itself knows their order. */
function rowsFirst(list: HTMLElement | null, entries: number[]): HTMLElement | undefined {
  const wanted = new Set(entries.map(entryId))
  return Array.from(list?.children ?? []).find((row): row is HTMLElement => wanted.has(row.id))
}
