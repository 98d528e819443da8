import { expect, test } from 'vitest'
import { parts, steps } from './steps'

const point = (day: number, p: number, replayed = false, entries: number[] = []) => ({
  at: `2026-11-${String(day).padStart(2, '0')}T00:00:00Z`,
  p_won_final: p,
  replayed,
  entries,
})
const at = (day: number) => Date.UTC(2026, 10, day)
const points = [
  point(1, 0.5, true),
  point(2, 0.55, true, [7]),
  point(3, 0.54, true),
  point(4, 0.42, false, [8, 9]),
]

test('steps are jumps of five points or more, with what moved them', () => {
  expect(steps(points).map((s) => [s.at, s.from, s.to, s.entries])).toEqual([
    [at(2), 0.5, 0.55, [7]],
    [at(4), 0.54, 0.42, [8, 9]],
  ])
})

test('the replayed and the said part meet in one point', () => {
  const { replayed, said } = parts(points)
  expect(replayed.at(-1)).toEqual([at(4), 0.42])
  expect(said).toEqual([[at(4), 0.42]])
  expect(parts(points.slice(0, 2))).toEqual({
    replayed: [
      [at(1), 0.5],
      [at(2), 0.55],
    ],
    said: [],
  })
  expect(parts([])).toEqual({ replayed: [], said: [] })
})
