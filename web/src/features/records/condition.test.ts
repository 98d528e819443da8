import { describe, expect, it } from 'vitest'
import {
  type All,
  askedOf,
  asking,
  changedAt,
  depthOf,
  finished,
  inputOf,
  isComplete,
  type Node,
  readCondition,
} from './condition'

const OPEN = { field: 'status', op: 'in', value: ['open'] }
const BIG = { field: 'amount', op: 'gte', value: '100000' }
const kinds: Record<string, string> = { status: 'choice', amount: 'money', owner: 'person', name: 'text' }
const kindOf = (field: string) => kinds[field]

describe('a condition in an address', () => {
  it('is read as it was written', () => {
    const asked: All = { all: [OPEN, { any: [BIG, { not: { field: 'name', op: 'empty' } }] }] }
    expect(readCondition(JSON.stringify(asked))).toEqual(asked)
  })

  it('is put below all, whatever stands at its top', () => {
    expect(readCondition(JSON.stringify({ any: [OPEN, BIG] }))).toEqual({ all: [{ any: [OPEN, BIG] }] })
    expect(readCondition(JSON.stringify(BIG))).toEqual({ all: [BIG] })
  })

  it.each([null, '', '{', '7', '[]', '{"all":[7]}', '{"field":1,"op":"is"}', '{"not":null}', 'null'])(
    'is nothing where it is %s',
    (text) => expect(readCondition(text)).toBeNull(),
  )

  it('that asks nothing is not the same as none', () => {
    expect(readCondition('{"all":[]}')).toEqual({ all: [] })
  })
})

describe('a test', () => {
  it.each([
    ['money', 'between', 'numbers'],
    ['money', 'gt', 'number'],
    ['datetime', 'within_last', 'count'],
    ['date', 'this', 'unit'],
    ['date', 'between', 'days'],
    ['date', 'before', 'day'],
    ['stage', 'in', 'keys'],
    ['tags', 'has_any', 'choices'],
    ['long_text', 'contains', 'text'],
    ['text', 'empty', 'none'],
    ['bool', 'is', 'bool'],
  ])('of %s by %s takes %s', (kind, op, input) => expect(inputOf(kind, op)).toBe(input))

  it('is complete once it can be asked', () => {
    const complete = (kind: string, op: string, value?: unknown) =>
      isComplete({ field: 'x', op, value }, kind)
    expect(complete('money', 'between', ['2', '10'])).toBe(true)
    expect(complete('money', 'between', ['10', '2'])).toBe(false)
    expect(complete('money', 'between', ['2', ''])).toBe(false)
    expect(complete('date', 'between', ['2026-01-31', '2026-02-01'])).toBe(true)
    expect(complete('date', 'within_last', 0)).toBe(true)
    expect(complete('bool', 'is', false)).toBe(true)
    expect(complete('bool', 'is')).toBe(false)
    expect(complete('person', 'in', [])).toBe(false)
    expect(complete('person', 'in', ['me'])).toBe(true)
    expect(complete('text', 'contains', '')).toBe(false)
    expect(complete('text', 'filled')).toBe(true)
  })
})

it('leaves out what is not finished, and groups that then ask nothing', () => {
  const draft: All = {
    all: [
      OPEN,
      { any: [{ field: 'amount', op: 'gt', value: '' }, { any: [] }] },
      { not: { field: 'name', op: 'contains' } },
      { field: 'gone', op: 'is', value: 'x' },
      { any: [BIG, { field: 'name', op: 'empty', value: 'left over' }] },
    ],
  }
  expect(finished(draft, kindOf)).toEqual({ all: [OPEN, { any: [BIG, { field: 'name', op: 'empty' }] }] })
})

it('asks of one field, and leaves the others', () => {
  const root: All = { all: [OPEN, BIG, { any: [OPEN] }] }
  const more = asking(root, 'status', { op: 'in', value: ['won'] })
  expect(more).toEqual({ all: [BIG, { any: [OPEN] }, { field: 'status', op: 'in', value: ['won'] }] })
  expect(asking(more, 'status')).toEqual({ all: [BIG, { any: [OPEN] }] })
  expect(askedOf(root, 'amount')).toBe(BIG)
  expect(askedOf(asking(root, 'amount'), 'amount')).toBeUndefined()
})

it('changes what lies deep without touching the rest', () => {
  const root: Node = { all: [OPEN, { any: [BIG, { all: [OPEN] }] }] }
  expect(changedAt(root, [1, 1, 0], () => BIG)).toEqual({ all: [OPEN, { any: [BIG, { all: [BIG] }] }] })
  expect(changedAt(root, [1, 0], () => null)).toEqual({ all: [OPEN, { any: [{ all: [OPEN] }] }] })
  expect(changedAt(root, [7], () => null)).toEqual(root)
  expect(depthOf(root)).toBe(3)
})
