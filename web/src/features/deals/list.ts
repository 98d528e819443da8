import type { Deal, Outlooks } from './data'
import type { Filter } from './filter'

/** What the table and the cards show alike. */
export interface ListProps {
  deals: readonly Deal[]
  outlooks: Outlooks
  /** How many stages each pipeline has. */
  stagesOf: ReadonlyMap<number, number>
  filter: Filter
  change: (part: Partial<Filter>) => void
  /** What is shown is still the answer to the filter before. */
  stale: boolean
  /** Absent when all are there. */
  more: (() => void) | undefined
  loading: boolean
  failed: unknown
}
