import type { Schemas } from '@/shared/api'

export type Attainment = Schemas['AttainmentOut']

/** The months of a period of a year, from 0: a quarter from 1 to 4, or all of it. */
export type Span = 'year' | 1 | 2 | 3 | 4

export interface Sum {
  /** In cents, exact. Null where no month has a target. */
  base: bigint | null
  stretch: bigint | null
  won: bigint
  /** How many months have a target. */
  set: number
  of: number
}

export interface Node {
  key: string
  row: Attainment
  children: Node[]
}

/** What a scope is to win and has won in `span`, added up exactly and rounded to the cent once. */
export function sumOf(row: Attainment, span: Span): Sum {
  const months = span === 'year' ? row.months : row.months.slice(span * 3 - 3, span * 3)
  const set = months.filter(({ base }) => base !== null)
  const total = (values: (string | null)[]) =>
    toCents(values.reduce((sum, value) => sum + exact(value ?? '0'), 0n))
  return {
    base: set.length ? total(set.map(({ base }) => base)) : null,
    stretch: set.some(({ stretch }) => stretch !== null)
      ? total(set.map(({ base, stretch }) => stretch ?? base))
      : null,
    won: total(months.map(({ won }) => won)),
    set: set.length,
    of: months.length,
  }
}

/** Rows below the rows they belong to; what belongs to nothing that is seen stands at the top. */
export function treeOf(rows: readonly Attainment[]): Node[] {
  const nodes = new Map(
    rows.map((row) => [
      `${row.kind}:${row.scope}`,
      { key: `${row.kind}:${row.scope}`, row, children: [] as Node[] },
    ]),
  )
  const top: Node[] = []
  for (const node of nodes.values()) {
    const above = node.row.above === null ? undefined : nodes.get(node.row.above)
    ;(above?.children ?? top).push(node)
  }
  return top
}

/** The share of the target that is attained: null without one; a target of nothing is met. */
export function rateOf({ base, won }: Sum): number | null {
  if (base === null) return null
  return base === 0n ? 1 : Number((won * 10_000n) / base) / 10_000
}

/** Twelve amounts that add up to `total` (cents), as even as whole cents allow. */
export function spread(total: bigint, over: number): bigint[] {
  const each = total / BigInt(over)
  const rest = Number(total - each * BigInt(over))
  return Array.from({ length: over }, (_, place) => each + (place < rest ? 1n : 0n))
}

/** "12.3" is 1230n. */
export function cents(amount: string): bigint {
  const [whole = '0', part = ''] = amount.split('.')
  return BigInt(whole) * 100n + BigInt(part.padEnd(2, '0').slice(0, 2))
}

/** What is won in other currencies has as many digits as amount and rate together. */
const DIGITS = 12
const CENT = 10n ** BigInt(DIGITS - 2)

function exact(amount: string): bigint {
  const [whole = '0', part = ''] = amount.split('.')
  return BigInt(whole) * 10n ** BigInt(DIGITS) + BigInt(part.padEnd(DIGITS, '0').slice(0, DIGITS))
}

const toCents = (sum: bigint) => (sum + CENT / 2n) / CENT

export function amountOf(value: bigint): string {
  const text = value.toString().padStart(3, '0')
  return `${text.slice(0, -2)}.${text.slice(-2)}`
}
