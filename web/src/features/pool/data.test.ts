import { describe, expect, it } from 'vitest'
import { counted, hindrance, leftToday, type Overview, type Row, type Share, without } from './data'

const row = (id: number, more: Partial<Row> = {}): Row => ({
  id,
  title: `公司 ${id}`,
  values: {},
  since: '2026-03-02T09:00:00Z',
  why: null,
  may_claim: true,
  claim_from: null,
  may_see: false,
  ...more,
})
const share = (more: Partial<NonNullable<Share['allowance']>> = {}): Share => ({
  kind: 'account',
  total: 9,
  may_claim: true,
  allowance: { claimed: 7, quota: 10, held: 3, limit: null, ...more },
})

describe('claiming', () => {
  it('takes the rows out of every page and of the total', () => {
    const pages = [
      { items: [row(1), row(2)], next: 'x', total: 3 },
      { items: [row(3)], next: null, total: 3 },
    ]
    const left = without({ pages, pageParams: [undefined, 'x'] }, new Set([2, 3, 8]))
    expect(left?.pages.map(({ items, total }) => [items.map(({ id }) => id), total])).toEqual([
      [[1], 1],
      [[], 1],
    ])
    expect(without(undefined, new Set([1]))).toBeUndefined()
  })

  it('counts at once, in its own kind alone', () => {
    const leads: Share = { ...share(), kind: 'lead' }
    const overview: Overview = { kinds: [share(), leads], may_configure: false, may_assign: false }
    const now = counted(overview, 'account', 2)
    expect(now?.kinds[0]).toEqual({ ...share({ claimed: 9, held: 5 }), total: 7 })
    expect(now?.kinds[1]).toBe(leads)
  })

  it('says what is left of the day, and nothing where there is no quota', () => {
    expect(leftToday(share())).toBe(3)
    expect(leftToday(share({ claimed: 12 }))).toBe(0)
    expect(leftToday(share({ quota: null }))).toBeNull()
    expect(leftToday(undefined)).toBeNull()
  })

  it('names the nearest reason why a row cannot be claimed now', () => {
    expect(hindrance(row(1), share())).toBeNull()
    expect(hindrance(row(1, { claim_from: '2026-03-09T00:00:00Z' }), share({ claimed: 10 }))).toBe('cooling')
    expect(hindrance(row(1), share({ claimed: 10 }))).toBe('quotaUsed')
    expect(hindrance(row(1), share({ limit: 3 }))).toBe('full')
    expect(hindrance(row(1), share({ limit: 4 }))).toBeNull()
  })
})
