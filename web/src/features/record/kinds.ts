export const KINDS = ['account', 'contact', 'lead', 'deal', 'product'] as const
export type Kind = (typeof KINDS)[number]

export const isKind = (text: string): text is Kind => (KINDS as readonly string[]).includes(text)

/** Kinds of records that tasks are for. */
export const WITH_TASKS: ReadonlySet<Kind> = new Set<Kind>(['account', 'contact', 'lead', 'deal'])

/** Kinds that have an open pool. */
export const isPooled = (kind: Kind): kind is 'account' | 'lead' => kind === 'account' || kind === 'lead'

/** Where the page of a record is. */
export const pathOf = (kind: Kind, id: number): string => `/${kind}s/${id}`

/** `/accounts/12` names an account; anything else nothing. */
export function kindAt(path: string): Kind | null {
  const name = /^\/([a-z]+)s(?:\/|$)/.exec(path)?.[1] ?? ''
  return isKind(name) ? name : null
}
