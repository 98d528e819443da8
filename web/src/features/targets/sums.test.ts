import { describe, expect, it } from 'vitest'
import { type Attainment, amountOf, cents, rateOf, spread, sumOf, treeOf } from './sums'

function row(
  kind: Attainment['kind'],
  scope: number,
  above: string | null,
  months: Partial<Attainment['months'][0]>[] = [],
): Attainment {
  return {
    kind,
    scope,
    name: `${kind}${scope}`,
    above,
    may_set: true,
    months: Array.from({ length: 12 }, (_, place) => ({
      month: `2026-${String(place + 1).padStart(2, '0')}-01`,
      base: null,
      stretch: null,
      won: '0',
      ...months[place],
    })),
  }
}

describe('targets', () => {
  it('add up to the cent, over months that have one', () => {
    const all = row('all', 0, null, [
      { base: '0.10', stretch: '0.30', won: '0.10' },
      { base: '0.20', won: '0.20' },
      { won: '90071992547409.93' },
    ])
    expect(sumOf(all, 1)).toEqual({ base: 30n, stretch: 50n, won: 9007199254741023n, set: 2, of: 3 })
    expect(sumOf(all, 2)).toEqual({ base: null, stretch: null, won: 0n, set: 0, of: 3 })
    expect(sumOf(all, 'year').won).toBe(9007199254741023n)
  })

  it('round what was won in other currencies once, after adding up', () => {
    const won = ['0.004', '0.004000000000', '0.007', '0.000000000001'].map((amount) => ({ won: amount }))
    expect(sumOf(row('all', 0, null, won), 'year').won).toBe(2n)
    expect(sumOf(row('all', 0, null, [{ won: '0.004' }, { won: '0.001' }]), 1).won).toBe(1n)
    expect(sumOf(row('all', 0, null, [{ won: '0.004999999999' }]), 1).won).toBe(0n)
  })

  it('are met in shares, and a target of nothing is met', () => {
    expect(rateOf({ base: 300n, stretch: null, won: 100n, set: 1, of: 1 })).toBe(0.3333)
    expect(rateOf({ base: 0n, stretch: null, won: 0n, set: 1, of: 1 })).toBe(1)
    expect(rateOf({ base: null, stretch: null, won: 5n, set: 0, of: 1 })).toBeNull()
  })

  it('stand below what they belong to', () => {
    const tree = treeOf([
      row('line', 1, null),
      row('team', 2, 'line:1'),
      row('person', 3, 'team:2'),
      row('team', 4, 'line:9'),
    ])
    expect(tree.map(({ key }) => key)).toEqual(['line:1', 'team:4'])
    expect(tree[0]?.children[0]?.children[0]?.key).toBe('person:3')
  })

  it('spread evenly without losing a cent', () => {
    const parts = spread(100n, 12)
    expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(100n)
    expect(Math.max(...parts.map(Number)) - Math.min(...parts.map(Number))).toBe(1)
  })

  it('are written and read alike', () => {
    for (const text of ['0.05', '12.30', '90071992547409.93']) expect(amountOf(cents(text))).toBe(text)
  })
})
