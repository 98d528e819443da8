import { expect, test } from 'vitest'
import { flat } from './figures'

test('figures of any depth become rows; an interval stays with its value', () => {
  expect(
    flat({
      final: { auc: { value: 0.79, low: 0.77, high: 0.81, n: 900 } },
      n: 12,
      better: true,
      none: null,
      unknown: { value: null, low: null, high: null, n: 0 },
      list: [1],
    }),
  ).toEqual([
    { path: 'final.auc', value: 0.79, low: 0.77, high: 0.81, n: 900 },
    { path: 'n', value: 12, low: null, high: null, n: null },
    { path: 'better', value: true, low: null, high: null, n: null },
  ])
  expect(flat(null)).toEqual([])
})
