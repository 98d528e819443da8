import type { All } from './condition'

export type KindKey = 'deal' | 'account' | 'contact' | 'lead' | 'product'
export type Layout = 'table' | 'board' | 'funnel'

export interface Kind {
  key: KindKey
  path: `/${string}`
  /** What its list shows before anybody chooses. */
  columns: readonly string[]
  sort: string
  where: All
  layouts: readonly Layout[]
  /** Fields that others need beside them: the amount its currency, the chance its verdict. */
  along: readonly string[]
  /** On a phone: below the title, and at the right of both lines. */
  card: { second: string; third: readonly string[]; right: string; below: string }
}

const OPEN: All = { all: [{ field: 'status', op: 'in', value: ['open'] }] }
const ALL: All = { all: [] }

export const KINDS: Record<KindKey, Kind> = {
  deal: {
    key: 'deal',
    path: '/deals',
    columns: ['name', 'account', 'amount', 'stage', 'win_chance', 'expected_close_on', 'next_step', 'owner'],
    sort: '-opened_at',
    where: OPEN,
    layouts: ['board', 'table', 'funnel'],
    along: ['number', 'currency', 'status', 'pipeline', 'win_change', 'verdict', 'alerted'],
    card: { second: 'account', third: ['stage', 'owner'], right: 'win_chance', below: 'amount' },
  },
  account: {
    key: 'account',
    path: '/accounts',
    columns: ['name', 'level', 'industry', 'region', 'phone', 'since', 'tags', 'owner'],
    sort: 'name',
    where: ALL,
    layouts: ['table'],
    along: ['returns_on'],
    card: { second: 'industry', third: ['region', 'owner'], right: 'level', below: 'since' },
  },
  contact: {
    key: 'contact',
    path: '/contacts',
    columns: ['name', 'account', 'title', 'department', 'phone', 'email', 'owner', 'changed_at'],
    sort: 'name',
    where: ALL,
    layouts: ['table'],
    along: ['left_at'],
    card: { second: 'account', third: ['phone', 'owner'], right: 'title', below: 'department' },
  },
  lead: {
    key: 'lead',
    path: '/leads',
    columns: ['name', 'company', 'status', 'source', 'phone', 'email', 'owner', 'created_at'],
    sort: '-created_at',
    where: { all: [{ field: 'status', op: 'in', value: ['new', 'working'] }] },
    layouts: ['table'],
    along: ['returns_on'],
    card: { second: 'company', third: ['phone', 'owner'], right: 'status', below: 'source' },
  },
  product: {
    key: 'product',
    path: '/products',
    columns: ['name', 'code', 'line', 'unit', 'price', 'active', 'tags', 'changed_at'],
    sort: 'name',
    where: ALL,
    layouts: ['table'],
    along: ['currency'],
    card: { second: 'code', third: ['line'], right: 'price', below: 'unit' },
  },
}

export const kindOf = (key: string): Kind | undefined => KINDS[key as KindKey]
