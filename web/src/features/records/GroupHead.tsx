import { LoadingOutlined, RightOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useEffect } from 'react'
import { useFormat } from '@/shared/format'
import { useSharedTexts } from '@/shared/texts'
import type { Feed, GroupLine } from './groups'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'

/** What stands below the name in the head of a group: what it is called, and how many there are. */
export function GroupHead({
  line: { group, open },
  label,
  sum,
  toggle,
}: {
  line: GroupLine
  label: string
  /** Where it has no column of its own. */
  sum: string
  toggle: () => void
}) {
  const format = useFormat()
  return (
    <span className={styles.groupHead}>
      <button type="button" aria-expanded={open} title={label} onClick={toggle}>
        <RightOutlined className={styles.foldSign} aria-hidden rotate={open ? 90 : 0} />
        <span className={styles.foldLabel}>{label}</span>
      </button>
      <span className={styles.groupCount}>{format.number(group.count)}</span>
      {sum && <span className={styles.faint}>{sum}</span>}
    </span>
  )
}

/** The place of a group's next rows: fetched when it comes into view. */
export function GroupMore({ feed }: { feed: Feed | undefined }) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  const idle = feed && !feed.loading && !feed.failed ? feed.more : undefined
  useEffect(() => idle?.(), [idle])
  if (feed?.failed)
    return (
      <span className={styles.groupFailed} role="alert">
        {t('moreFailed')}
        <Button size="small" type="link" onClick={feed.more}>
          {shared('retry')}
        </Button>
      </span>
    )
  return (
    <span className={styles.faint}>
      <LoadingOutlined aria-hidden /> {t('group.loading')}
    </span>
  )
}
