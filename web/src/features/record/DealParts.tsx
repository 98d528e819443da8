import { useState } from 'react'
import { People } from '@/features/crm/People'
import { useDeal } from '@/features/crm/useDeal'
import { type TimelineKind, timelineOf } from '@/features/timeline/entries'
import { Timeline } from '@/features/timeline/Timeline'
import { useLive } from '@/shared/live'
import { Loaded } from '@/shared/states'
import styles from './Record.module.css'

const NONE: number[] = []

/** What happened with a record. A lead goes on as the deal that it became, and that is listened to as well. */
export function RecordTimeline({
  kind,
  id,
  became = null,
}: {
  kind: TimelineKind
  id: number
  became?: number | null
}) {
  const [tags] = useState(() => new Map())
  useLive(
    became === null ? [] : [['deal', became]],
    [['get', timelineOf(kind), { params: { path: { [kind]: id } } }]],
    1_000,
  )
  return (
    <div className={styles.bare}>
      <Timeline
        kind={kind}
        id={id}
        focus={null}
        onClear={() => undefined}
        hint={NONE}
        tags={tags}
        onTag={() => undefined}
      />
    </div>
  )
}

/** Who decides in a deal. */
export function DealPeople({ deal }: { deal: number }) {
  return (
    <div className={styles.bare}>
      <Loaded query={useDeal(deal)}>{(found) => <People deal={found} />}</Loaded>
    </div>
  )
}
