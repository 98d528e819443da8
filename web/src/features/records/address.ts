import type { KindKey } from './kinds'

const PATHS: Record<KindKey, string> = {
  deal: '/deals',
  account: '/accounts',
  contact: '/contacts',
  lead: '/leads',
  product: '/products',
}

/** The address of a list that asks this; `everything` also shows what the list leaves out as usual, such as deals that ended. */
export function listAddress(
  kind: KindKey,
  { q, where, everything, open }: { q?: string; where?: object; everything?: boolean; open?: number } = {},
): string {
  const search = new URLSearchParams()
  if (where || everything) search.set('where', JSON.stringify(where ?? { all: [] }))
  if (q) search.set('q', q)
  if (open) search.set('open', String(open))
  return search.size ? `${PATHS[kind]}?${search}` : PATHS[kind]
}

/** All deals of an account, also those that ended. */
export const dealsOfAccount = (account: number): string =>
  listAddress('deal', { where: { all: [{ field: 'account', op: 'in', value: [account] }] } })
