/** Conditions as the server takes them: a tree of all, any, not, and tests of one field. */
export interface Test {
  field: string
  op: string
  value?: unknown
}
export type Node = Test | { all: Node[] } | { any: Node[] } | { not: Node }
export type Join = 'all' | 'any'

/** What stands at the top of every list: all of these. */
export interface All {
  all: Node[]
}

export const NOTHING_ASKED: All = { all: [] }

export const isTest = (node: Node): node is Test => 'field' in node

/** How a group joins its parts; null for a test or a negation. */
export function joinOf(node: Node): Join | null {
  return 'all' in node ? 'all' : 'any' in node ? 'any' : null
}

export function partsOf(node: Node): Node[] {
  return 'all' in node ? node.all : 'any' in node ? node.any : 'not' in node ? [node.not] : []
}

export const groupOf = (join: Join, parts: Node[]): Node => (join === 'all' ? { all: parts } : { any: parts })

/** Read a condition; null where it is none, so that a broken address is as if it asked nothing. */
export function readCondition(text: string | null): All | null {
  if (!text) return null
  try {
    const found: unknown = JSON.parse(text)
    return isNode(found) ? asAll(found) : null
  } catch {
    return null
  }
}

/** Any condition as a list of what must hold. */
export function asAll(node: Node | null | undefined): All {
  if (!node) return NOTHING_ASKED
  return 'all' in node ? node : { all: [node] }
}

function isNode(found: unknown): found is Node {
  if (typeof found !== 'object' || found === null) return false
  const node = found as Record<string, unknown>
  if (Array.isArray(node.all)) return node.all.every(isNode)
  if (Array.isArray(node.any)) return node.any.every(isNode)
  if (node.not !== undefined) return isNode(node.not)
  return typeof node.field === 'string' && typeof node.op === 'string'
}

/** What the operator takes. */
export type Input =
  | 'none'
  | 'text'
  | 'number'
  | 'numbers'
  | 'day'
  | 'days'
  | 'count'
  | 'unit'
  | 'bool'
  | 'choices'
  | 'keys'

const REFERENCES = new Set(['person', 'team', 'line', 'record', 'pipeline', 'stage'])

export function inputOf(kind: string, op: string): Input {
  if (op === 'empty' || op === 'filled') return 'none'
  if (REFERENCES.has(kind)) return 'keys'
  switch (kind) {
    case 'number':
    case 'money':
      return op === 'between' ? 'numbers' : 'number'
    case 'date':
    case 'datetime':
      if (op === 'between') return 'days'
      if (op === 'within_last' || op === 'within_next' || op === 'older_than') return 'count'
      return op === 'this' || op === 'last' || op === 'next' ? 'unit' : 'day'
    case 'bool':
      return 'bool'
    case 'choice':
    case 'choices':
    case 'tags':
      return 'choices'
    default:
      return 'text'
  }
}

const filled = (value: unknown) => value !== undefined && value !== null && value !== ''

/** Whether a test can be asked as it stands. */
export function isComplete(test: Test, kind: string): boolean {
  const { value } = test
  switch (inputOf(kind, test.op)) {
    case 'none':
      return true
    case 'numbers':
    case 'days':
      return Array.isArray(value) && value.length === 2 && value.every(filled) && inOrder(value)
    case 'choices':
    case 'keys':
      return Array.isArray(value) && value.length > 0
    case 'bool':
      return typeof value === 'boolean'
    case 'count':
      return typeof value === 'number'
    default:
      return filled(value)
  }
}

function inOrder([low, high]: unknown[]): boolean {
  const numbers = [Number(low), Number(high)]
  return numbers.some(Number.isNaN) ? String(low) <= String(high) : (numbers[0] ?? 0) <= (numbers[1] ?? 0)
}

/** A condition without what is not finished yet, and without groups that ask nothing. */
export function finished(root: All, kindOf: (field: string) => string | undefined): All {
  const prune = (node: Node): Node[] => {
    if (isTest(node)) {
      const kind = kindOf(node.field)
      if (kind === undefined || !isComplete(node, kind)) return []
      return inputOf(kind, node.op) === 'none' ? [{ field: node.field, op: node.op }] : [node]
    }
    const parts = partsOf(node).flatMap(prune)
    if (parts.length === 0) return []
    const join = joinOf(node)
    return [join ? groupOf(join, parts) : { not: parts[0] as Node }]
  }
  return { all: root.all.flatMap(prune) }
}

/** Ask this of its field at the top, instead of what was asked of it there. Without a test, ask nothing of the field. */
export function asking(root: All, field: string, test?: Omit<Test, 'field'>): All {
  const others = root.all.filter((node) => !isTest(node) || node.field !== field)
  return { all: test ? [...others, { field, ...test }] : others }
}

/** What the top asks of a field. */
export function askedOf(root: All, field: string): Test | undefined {
  return root.all.find((node): node is Test => isTest(node) && node.field === field)
}

/** Change the part at `path`: places of parts, from the top. Null takes it away. */
export function changedAt(
  node: Node,
  path: readonly number[],
  change: (part: Node) => Node | null,
): Node | null {
  const [place, ...rest] = path
  if (place === undefined) return change(node)
  const join = joinOf(node)
  if (!join) return node
  const parts = partsOf(node).flatMap((part, index) => {
    if (index !== place) return [part]
    const changed = changedAt(part, rest, change)
    return changed ? [changed] : []
  })
  return groupOf(join, parts)
}

/** How deep groups lie below a node: a test is 0. */
export function depthOf(node: Node): number {
  return isTest(node) ? 0 : 1 + Math.max(0, ...partsOf(node).map(depthOf))
}

export const sameCondition = (one: All, other: All): boolean => JSON.stringify(one) === JSON.stringify(other)
