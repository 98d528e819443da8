import { useState } from 'react'
import { People } from '@/features/crm/People'
import { useDeal } from '@/features/crm/useDeal'
import { Timeline } from '@/features/timeline/Timeline'
import { Loaded } from '@/shared/states'
import styles from './Record.module.css'

const NONE: number[] = []

/** What happened with a deal, in the panel beside a list. */
export function DealTimeline({ deal }: { deal: number }) {
  const [tags] = useState(() => new Map())
  return (
    <div className={styles.bare}>
      <Timeline
        deal={deal}
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
