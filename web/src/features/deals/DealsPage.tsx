import { Button } from 'antd'
import { useMemo } from 'react'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { Delayed, Empty, ErrorBox } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import { CardsSkeleton, DealCards } from './DealCards'
import styles from './DealsPage.module.css'
import { DealTable, TableSkeleton } from './DealTable'
import { useDeals, useOutlooks } from './data'
import { FilterBar } from './FilterBar'
import { type Filter, narrows, useFilter } from './filter'
import { useDealsTexts } from './texts'

export default function DealsPage() {
  const t = useDealsTexts()
  const format = useFormat()
  const narrow = useNarrow()
  const [filter, change] = useFilter()
  const { query, deals, total, pages } = useDeals(filter)
  const outlooks = useOutlooks(pages)
  const { data: pipelines } = api.useQuery('get', '/api/pipelines', {}, { staleTime: 10 * 60_000 })
  const stagesOf = useMemo(
    () => new Map((pipelines ?? []).map(({ id, stages }) => [id, stages.length])),
    [pipelines],
  )
  useTitle(t('title'))
  const List = narrow ? DealCards : DealTable
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('title')}</h1>
        {total !== undefined && (
          <span className={styles.faint} role="status">
            {t('total', { number: format.number(total) })}
          </span>
        )}
      </div>
      <FilterBar filter={filter} change={change} pipelines={pipelines ?? []} />
      {query.error && !pages ? (
        <ErrorBox error={query.error} retry={() => void query.refetch()} />
      ) : !pages ? (
        <Delayed>{narrow ? <CardsSkeleton /> : <TableSkeleton />}</Delayed>
      ) : deals.length === 0 ? (
        <Nothing filter={filter} change={change} reload={() => void query.refetch()} />
      ) : (
        <List
          key={JSON.stringify(filter)}
          deals={deals}
          outlooks={outlooks}
          stagesOf={stagesOf}
          filter={filter}
          change={change}
          stale={query.isPlaceholderData}
          more={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
          loading={query.isFetchingNextPage}
          failed={query.isFetchNextPageError ? query.error : null}
        />
      )}
    </div>
  )
}

function Nothing({
  filter,
  change,
  reload,
}: {
  filter: Filter
  change: (part: Partial<Filter>) => void
  reload: () => void
}) {
  const t = useDealsTexts()
  if (narrows(filter))
    return (
      <Empty
        why={t('nothingFound')}
        action={
          <Button
            onClick={() =>
              change({ q: '', pipeline: undefined, stage: undefined, owner: undefined, account: undefined })
            }
          >
            {t('filter.clear')}
          </Button>
        }
      />
    )
  if (filter.status === 'all')
    return <Empty why={t('noneAtAll')} action={<Button onClick={reload}>{t('reload')}</Button>} />
  return (
    <Empty
      why={filter.status === 'open' ? t('none') : t('nothingFound')}
      action={<Button onClick={() => change({ status: 'all' })}>{t('showAll')}</Button>}
    />
  )
}
