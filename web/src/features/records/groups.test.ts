import { describe, expect, it } from 'vitest'
import type { Field } from './fields'
import { type Feed, type Group, inOrder, type Line, linesOf, testOf } from './groups'
import type { Names } from './names'

const field = (kind: string, choices: string[] = []) =>
  ({ kind, choices: choices.map((key) => ({ key })) }) as unknown as Field
const group = (value: Group['value'], count = 1) =>
  ({ value, count, sums: {}, lacking: [] }) as unknown as Group
const values = (groups: readonly Group[]) => groups.map(({ value }) => value)
const names = { optionsOf: () => [{ value: 7 }, { value: 3 }] } as unknown as Names
const feed = (part: Partial<Feed>): Feed => ({
  rows: [],
  more: undefined,
  loading: false,
  failed: null,
  ...part,
})
const ids = (lines: readonly Line[]) => lines.map(({ id }) => id)

describe('a group', () => {
  it('is asked for by its value', () => {
    expect(testOf(field('person'), 4)).toEqual({ op: 'in', value: [4] })
    expect(testOf(field('choice'), 'key')).toEqual({ op: 'in', value: ['key'] })
    expect(testOf(field('text'), '电力')).toEqual({ op: 'is', value: '电力' })
    expect(testOf(field('bool'), false)).toEqual({ op: 'is', value: false })
    expect(testOf(field('text'), null)).toEqual({ op: 'empty' })
  })

  it('stands where people expect it', () => {
    const label = (value: Group['value']) => ({ 1: '王', 2: '李' })[value as number] ?? String(value)
    expect(values(inOrder([group(null), group(3), group(7)], field('stage'), names, label))).toEqual([
      7,
      3,
      null,
    ])
    expect(values(inOrder([group(1), group(null), group(2)], field('person'), names, label))).toEqual([
      2,
      1,
      null,
    ])
    const levels = field('choice', ['high', 'low'])
    expect(values(inOrder([group('low'), group('high')], levels, names, label))).toEqual(['high', 'low'])
  })

  it('has rows once it is open, and a place for more until all are there', () => {
    const rows = [{ id: 1 }, { id: 2 }] as unknown as Feed['rows']
    const groups = [group('a'), group('b'), group('c')]
    const opened = new Set(['"a"', '"b"'])
    expect(ids(linesOf(groups, opened, new Map()))).toEqual([
      'group "a"',
      'more "a"',
      'group "b"',
      'more "b"',
      'group "c"',
    ])
    const feeds = new Map([
      ['"a"', feed({ rows, more: () => {} })],
      ['"b"', feed({ rows: rows.slice(1) })],
    ])
    expect(ids(linesOf(groups, opened, feeds))).toEqual([
      'group "a"',
      1,
      2,
      'more "a"',
      'group "b"',
      2,
      'group "c"',
    ])
  })
})
