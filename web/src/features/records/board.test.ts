import { expect, it } from 'vitest'
import { windowOf } from '@/shared/windowOf'
import { boardQuestion, rowsWith, withMoving } from './board'
import type { Row } from './fields'

const row = (id: number, amount: string | null, win_chance: string | null = null): Row => ({
  id,
  title: String(id),
  version: 1,
  may_change: true,
  values: { amount, house_amount: amount, win_chance, stage: { id: 1, name: 'a' } },
})

it('asks for open deals of one pipeline and stage, beside what the list asks', () => {
  const state = {
    q: '泵',
    sort: '-amount',
    where: {
      all: [
        { field: 'status', op: 'in', value: ['won'] },
        { field: 'owner', op: 'in', value: ['me'] },
      ],
    },
  }
  expect(boardQuestion(state, 3, 8)).toEqual({
    q: '泵',
    sort: '-amount',
    where: {
      all: [
        { field: 'owner', op: 'in', value: ['me'] },
        { field: 'status', op: 'in', value: ['open'] },
        { field: 'pipeline', op: 'in', value: [3] },
        { field: 'stage', op: 'in', value: [8] },
      ],
    },
  })
})

it('counts a deal where it is going', () => {
  const moving = [{ row: row(1, '100.50', '0.5'), from: 1, to: 2 }]
  const sum = { count: 3, amount: 1000, weighted: 400, lacking: [] }
  expect(withMoving(sum, 1, moving)).toEqual({ count: 2, amount: 899.5, weighted: 349.75, lacking: [] })
  expect(withMoving(sum, 2, moving)).toEqual({ count: 4, amount: 1100.5, weighted: 450.25, lacking: [] })
  expect(withMoving(sum, 3, moving)).toEqual(sum)
  const agreed = [{ row: row(1, '100.50', '0.5'), from: 1, to: 2, agreedAt: 10 }]
  expect(withMoving(sum, 1, agreed, 9)).toEqual({ count: 2, amount: 899.5, weighted: 349.75, lacking: [] })
  expect(withMoving(sum, 1, agreed, 11)).toEqual(sum)
  expect(withMoving(sum, 2, [{ row: row(1, null), from: 1, to: 2 }])).toEqual({ ...sum, count: 4 })
})

it('counts a deal of another currency by what it is worth in the house', () => {
  const dollars = row(1, '100')
  dollars.values.house_amount = '720'
  const sum = { count: 3, amount: 1000, weighted: 400, lacking: [] }
  expect(withMoving(sum, 2, [{ row: dollars, from: 1, to: 2 }]).amount).toBe(1720)
})

it('shows a deal once, where it is going', () => {
  const [one, two, three] = [row(1, '1'), row(2, '2'), row(3, '3')]
  const moving = [{ row: two, from: 1, to: 2 }]
  expect(rowsWith([one, two], 1, moving)).toEqual([one])
  expect(rowsWith([three], 2, moving)).toEqual([two, three])
  // The server agreed already, and the list came before the move was forgotten.
  expect(rowsWith([two, three], 2, moving)).toEqual([two, three])
})

it('draws only what is near', () => {
  expect(windowOf(1000, { top: 0, height: 600, each: 100, spare: 2 })).toEqual([0, 8])
  expect(windowOf(1000, { top: 50_000, height: 600, each: 100, spare: 2 })).toEqual([498, 508])
  expect(windowOf(3, { top: 99_999, height: 600, each: 100 })).toEqual([3, 3])
})
