import { Button } from 'antd'
import { Empty } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import type { Kind } from './kinds'
import styles from './Records.module.css'
import { type ListState, narrows } from './state'
import { useRecordsTexts } from './texts'
import type { Change } from './useListState'

/** The next page did not come. */
export function MoreFailed({ retry }: { retry: (() => void) | undefined }) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  return (
    <div className={styles.more} role="alert">
      {t('moreFailed')}
      <Button size="small" onClick={retry}>
        {shared('retry')}
      </Button>
    </div>
  )
}

/** Why a list is empty, and what can be done about it. */
export function Nothing({
  kind,
  state,
  change,
  begin,
}: {
  kind: Kind
  state: ListState
  change: Change
  begin: (() => void) | undefined
}) {
  const t = useRecordsTexts()
  if (narrows(state, kind))
    return (
      <Empty
        why={t('nothingFound')}
        action={<Button onClick={() => change({ q: '', where: kind.where })}>{t('filter.clear')}</Button>}
      />
    )
  if (state.where.all.length > 0)
    return (
      <Empty
        why={t(`none.${kind.key}`)}
        action={<Button onClick={() => change({ where: { all: [] } })}>{t('showAll')}</Button>}
      />
    )
  return (
    <Empty
      why={t(`noneAtAll.${kind.key}`)}
      action={begin && <Button onClick={begin}>{t(`new.${kind.key}`)}</Button>}
    />
  )
}
