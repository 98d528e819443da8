import { expect, test } from 'vitest'
import { fan } from './fan'

const swing = { low: 0.3, low50: 0.44, mid: 0.5, high50: 0.58, high: 0.7 }
const span = { from: 1_000, to: 15_000 }

test('the fan starts closed at today and ends at what was foreseen', () => {
  const points = fan(0.46, swing, span)
  expect(points).toHaveLength(15)
  expect(points[0]).toEqual({ at: 1_000, low: 0.46, low50: 0.46, mid: 0.46, high50: 0.46, high: 0.46 })
  const last = points.at(-1)
  expect(last?.at).toBe(15_000)
  for (const name of ['low', 'low50', 'mid', 'high50', 'high'] as const)
    expect(last?.[name]).toBeCloseTo(swing[name], 12)
})

test('bands never cross and never leave 0 to 1', () => {
  for (const point of fan(0.97, { low: 0.01, low50: 0.02, mid: 0.03, high50: 0.9, high: 1 }, span)) {
    const values = [0, point.low, point.low50, point.mid, point.high50, point.high, 1]
    expect(values).toEqual(values.toSorted((a, b) => a - b))
  }
})

test('half of the way is more than half of the width', () => {
  const [, half] = fan(0.5, swing, { ...span, steps: 2 })
  expect(half?.high).toBeCloseTo(0.5 + 0.2 * Math.SQRT1_2, 12)
})
