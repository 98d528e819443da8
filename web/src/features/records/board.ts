import type { KeyboardCoordinateGetter } from '@dnd-kit/core'
import type { Schemas } from '@/shared/api'
import { asking } from './condition'
import { type Field, isReference, type Row, type Shown } from './fields'
import type { ListState } from './state'

/** A deal on its way to another stage: shown there before the server agreed. */
export interface Moving {
  row: Row
  from: number
  to: number
  /** When the server agreed: sums that came later hold the move already. */
  agreedAt?: number
}

/** Amounts are in the house currency; `lacking` are the deals that they do not hold. */
export interface Sum {
  count: number
  amount: number
  weighted: number
  currency?: string
  lacking: readonly Schemas['LackingOut'][]
}

/** What a board asks: open deals of one pipeline, as far as the list asks for them. */
export function boardQuestion(
  state: Pick<ListState, 'where' | 'q' | 'sort'>,
  pipeline: number,
  stage?: number,
) {
  const open = asking(state.where, 'status', { op: 'in', value: ['open'] })
  const one = stage === undefined ? [] : [{ field: 'stage', op: 'in', value: [stage] }]
  return {
    q: state.q,
    sort: state.sort,
    where: { all: [...open.all, { field: 'pipeline', op: 'in', value: [pipeline] }, ...one] },
  }
}

export const stageOf = (row: Row): number | undefined =>
  isReference(row.values.stage) ? row.values.stage.id : undefined

const numberIn = (value: Shown | undefined) => (typeof value === 'string' ? Number(value) || 0 : 0)

/** The sums of a column with the deals that are on their way to it or from it. */
export function withMoving(sum: Sum, stage: number, moving: readonly Moving[], summedAt = 0): Sum {
  return moving.reduce((now, { row, from, to, agreedAt }) => {
    if (agreedAt !== undefined && summedAt > agreedAt) return now
    const sign = to === stage ? 1 : from === stage ? -1 : 0
    const amount = numberIn(row.values.house_amount)
    return {
      currency: now.currency,
      lacking: now.lacking,
      count: now.count + sign,
      amount: now.amount + sign * amount,
      weighted: now.weighted + sign * amount * numberIn(row.values.win_chance),
    }
  }, sum)
}

/** The deals of a column: those on their way to it first, without those on their way from it. */
export function rowsWith(rows: readonly Row[], stage: number, moving: readonly Moving[]): Row[] {
  const away = new Set(moving.map(({ row }) => row.id))
  return [
    ...moving.filter(({ to }) => to === stage).map(({ row }) => row),
    ...rows.filter((row) => !away.has(row.id)),
  ]
}

const STEPS: Record<string, 1 | -1> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }

/** The arrows go from column to column, and from the last one to the zones where deals end. */
export const byColumns: KeyboardCoordinateGetter = (event, { context, currentCoordinates }) => {
  const step = STEPS[event.code]
  if (!step) return undefined
  event.preventDefault()
  const { droppableContainers, droppableRects, over, active } = context
  const ordered = droppableContainers
    .getEnabled()
    .flatMap(({ id, data }) => {
      const rect = droppableRects.get(id)
      return rect ? [{ id, rect, place: Number(data.current?.place ?? 0) }] : []
    })
    .toSorted((one, other) => one.place - other.place)
  const here = ordered.findIndex(({ id }) => id === (over?.id ?? active?.data.current?.column))
  const next = ordered[Math.max(0, Math.min(ordered.length - 1, here + step))]
  return next ? { x: next.rect.left + 8, y: next.rect.top + 8 } : currentCoordinates
}

/** The fields that a stage still asks for, in the order in which they are told. */
export function asked(told: Record<string, string>, fields: ReadonlyMap<string, Field>): Field[] {
  return Object.keys(told).flatMap((key) => fields.get(key) ?? [])
}
