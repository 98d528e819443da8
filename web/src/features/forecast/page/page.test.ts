import { expect, test } from 'vitest'
import { fitOf, telling } from './calibration'
import { above, find, keyOf, parseKey, pick, span, tree } from './scopes'
import { floor, waterfall } from './waterfall'

const step = (
  code: 'before' | 'new' | 'won' | 'lost' | 'up' | 'down' | 'amount' | 'now',
  amount: string,
  deals = 1,
) => ({
  code,
  amount,
  deals,
})

test('steps hang where the last one ended, totals stand on zero', () => {
  const bars = waterfall([
    step('before', '1000', 40),
    step('new', '120', 3),
    step('lost', '-200', 2),
    step('amount', '0', 0),
    step('now', '920', 41),
  ])
  expect(bars.map((b) => [b.code, b.low, b.high, b.level])).toEqual([
    ['before', 0, 1000, 1000],
    ['new', 1000, 1120, 1120],
    ['lost', 920, 1120, 920],
    ['now', 0, 920, 920],
  ])
  expect(floor(bars)).toBe(800)
})

test('an axis that holds large steps starts at zero, and below it where the level does', () => {
  expect(floor(waterfall([step('before', '100'), step('new', '400'), step('now', '500')]))).toBe(0)
  expect(floor(waterfall([step('before', '0'), step('new', '0', 0), step('now', '0')]))).toBe(0)
  expect(floor(waterfall([step('before', '10'), step('down', '-30'), step('now', '-20')]))).toBe(-20)
})

const scope = (kind: 'all' | 'line' | 'team', id: number, line: number | null = null) => ({
  kind,
  id,
  name: `${kind} ${id}`,
  line,
  periods: [],
})
const totals = [scope('all', 0), scope('team', 5, 2), scope('line', 2), scope('team', 6, 9)]

test('teams stand under their line; without it, under everything', () => {
  const [all] = tree(totals)
  expect(all?.children.map((n) => n.key)).toEqual(['line-2', 'team-6'])
  expect(all?.children[0]?.children.map((n) => n.key)).toEqual(['team-5'])
  expect(tree(totals.slice(1)).map((n) => n.key)).toEqual(['line-2', 'team-6'])
})

test('teams stand under teams where the organisation says so', () => {
  const team = (id: number, below: Parameters<typeof above>[0] = []) => ({
    id,
    name: '',
    line: { id: 2, name: '' },
    manager: null,
    below,
  })
  const parents = above([team(4, [team(5, [team(7)])])])
  expect([...parents]).toEqual([
    [5, 4],
    [7, 5],
  ])
  const [all] = tree([...totals, scope('team', 7, 2)], parents)
  const [line] = all?.children ?? []
  expect(line?.children.map((n) => n.key)).toEqual(['team-5'])
  expect(line?.children[0]?.children.map((n) => n.key)).toEqual(['team-7'])
})

test('an address that names nothing we see falls back to the widest scope', () => {
  expect(find(totals, 'team-6')?.name).toBe('team 6')
  expect(find(totals, 'team-77')?.name).toBe('all 0')
  expect(find(totals.slice(1), null)?.name).toBe('line 2')
  expect(find([], 'all')).toBeUndefined()
  expect(parseKey('team-x')).toEqual({ kind: 'all', id: 0 })
  expect(keyOf('line', 2)).toBe('line-2')
})

test('periods', () => {
  const periods = ['2026-11', '2026-12', '2026Q4', '2027Q1']
  expect(pick(periods, 'month', null)).toBe('2026-11')
  expect(pick(periods, 'quarter', '2027Q1')).toBe('2027Q1')
  expect(pick(periods, 'quarter', '2026-12')).toBe('2026Q4')
  expect(pick([], 'month', null)).toBeUndefined()
  expect(span('2028-02')).toEqual(['2028-02-01', '2028-02-29'])
  expect(span('2026Q4')).toEqual(['2026-10-01', '2026-12-31'])
})

const bin = (said: number, n: number, low = said - 0.1, high = said + 0.1) => ({
  said,
  happened: said,
  low,
  high,
  n,
})

test('the sentence is about the bin nearest to 70 % that has enough deals', () => {
  expect(telling([bin(0.1, 400), bin(0.68, 20), bin(0.7, 19), bin(0.9, 30)])?.said).toBe(0.68)
  expect(telling([bin(0.1, 400), bin(0.7, 6)])?.said).toBe(0.1)
  expect(telling([bin(0.7, 6)])).toBeUndefined()
  expect([fitOf(bin(0.5, 9)), fitOf(bin(0.5, 9, 0.6, 0.8)), fitOf(bin(0.5, 9, 0.2, 0.4))]).toEqual([
    'inside',
    'above',
    'below',
  ])
})
