import { expect, test } from 'vitest'
import { type Entry, late, offered, rowsOf } from './entries'

const entry = (id: number, at: string, known_at = at): Entry => ({
  id,
  at,
  known_at,
  kind: 'call',
  group: 'call',
  zh: '电话',
  en: 'call',
  title: null,
  text: null,
  people: [],
  actor: null,
  actor_label: null,
  deal: null,
  source: 'crm',
  basis: 'contract',
  key: false,
  values: {},
})
const loaded = [entry(9, '2026-11-20T00:00:00Z'), entry(8, '2026-11-18T00:00:00Z')]
const shown = (rows: ReturnType<typeof rowsOf>) =>
  rows.map((row) => (row.kind === 'gap' ? 'gap' : row.entry.id))

test('an entry from further down stands after a gap, as long as there is more between', () => {
  const far = entry(2, '2026-10-01T00:00:00Z')
  expect(shown(rowsOf(loaded, [far], true))).toEqual([9, 8, 'gap', 2])
  expect(shown(rowsOf(loaded, [far], false))).toEqual([9, 8, 2])
})

test('an entry between or already loaded needs no gap and is not shown twice', () => {
  expect(
    shown(rowsOf(loaded, [entry(7, '2026-11-19T00:00:00Z'), entry(8, '2026-11-18T00:00:00Z')], true)),
  ).toEqual([9, 7, 8])
  expect(shown(rowsOf(loaded, [], true))).toEqual([9, 8])
})

test('late is what became known half a working day later or more', () => {
  expect(late(entry(1, '2026-11-20T00:00:00Z', '2026-11-23T02:00:00Z'))).toEqual({ unit: 'days', count: 3 })
  expect(late(entry(1, '2026-11-20T00:00:00Z', '2026-11-20T07:00:00Z'))).toEqual({ unit: 'hours', count: 7 })
  expect(late(entry(1, '2026-11-20T00:00:00Z', '2026-11-20T01:00:00Z'))).toBeNull()
})

test('groups are offered in their order, unknown ones last, empty ones not at all', () => {
  expect(offered({ zebra: 1, stage: 2, mail: 3, call: 0 }).map((o) => o.group)).toEqual([
    'mail',
    'stage',
    'zebra',
  ])
})
