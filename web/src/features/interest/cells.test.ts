import { describe, expect, it } from 'vitest'
import { formatsOf } from '@/shared/format'
import { cellOf, daysBefore, lasting, moved, pointsIn, readView, riseIn, writeView } from './cells'

describe('cells', () => {
  it('grow hotter with the value, and any signal is one', () => {
    expect([1, 19, 20, 59, 79, 80, 100].map((value) => cellOf(value, false))).toEqual([1, 1, 2, 3, 4, 5, 5])
  })
  it('tell no signal from not allowed; what is known is shown', () => {
    expect([cellOf(0, false), cellOf(0, true), cellOf(42, true)]).toEqual(['none', 'barred', 3])
  })
  it('are barred on the days before anything might be collected', () => {
    const days = ['2026-11-01', '2026-11-02', '2026-11-03']
    expect([null, '2026-10-01', '2026-11-02', '2026-12-01'].map((since) => daysBefore(days, since))).toEqual([
      3, 0, 1, 3,
    ])
  })
})

describe('words', () => {
  const rise = (week: number, usual: number) =>
    riseIn({ week, usual, ratio: (week + 1) / (usual + 1), surging: false })
  it('compare the week with a usual one', () => {
    expect([rise(0, 4), rise(3, 0), rise(5, 2), rise(2, 2), rise(1, 4)]).toEqual([
      'quiet', 'new', 'more', 'same', 'less',
    ]) // biome-ignore format: one line
  })
  it('spell how long somebody stayed', () => {
    expect([lasting(260), lasting(59.6), lasting(0)]).toEqual([
      { minutes: 4, seconds: 20 },
      { minutes: 1, seconds: 0 },
      { minutes: 0, seconds: 0 },
    ])
  })
  it('say points, and never nothing of what counts', () => {
    const { number } = formatsOf('zh')
    expect([12.44, 0.04, 0].map((part) => pointsIn(part, number))).toEqual(['+12.4', '<0.1', '+0.0'])
  })
})

describe('the focus', () => {
  const size = { rows: 5000, columns: 30, page: 20 }
  const from = { row: 10, column: 3 }
  it.each([
    ['ArrowDown', false, 11, 3],
    ['ArrowUp', false, 9, 3],
    ['ArrowRight', false, 10, 4],
    ['ArrowLeft', false, 10, 2],
    ['PageDown', false, 30, 3],
    ['PageUp', false, 0, 3],
    ['Home', false, 10, 0],
    ['End', false, 10, 29],
    ['Home', true, 0, 0],
    ['End', true, 4999, 29],
  ])('goes with %s (far: %s)', (key, far, row, column) => {
    expect(moved(from, key, far, size)).toEqual({ row, column })
  })
  it('stays at the borders, and leaves other keys alone', () => {
    expect(moved({ row: 0, column: 0 }, 'ArrowUp', false, size)).toEqual({ row: 0, column: 0 })
    expect(moved({ row: 4999, column: 29 }, 'ArrowRight', false, size)).toEqual({ row: 4999, column: 29 })
    expect(moved(from, 'Enter', false, size)).toBeNull()
  })
})

describe('the address', () => {
  it('keeps what is shown', () => {
    const view = {
      by: 'topic',
      days: 84,
      q: '华东',
      mine: true,
      at: { account: 7, day: undefined, topic: 0 },
    }
    expect(readView(writeView(view as never))).toEqual(view)
  })
  it('is empty for what is shown first, and holds against nonsense', () => {
    const first = readView(new URLSearchParams('by=x&days=13&at=-1'))
    expect(first).toEqual({ by: 'day', days: 28, q: '', mine: false, at: null })
    expect(writeView(first).toString()).toBe('')
  })
})
