import type { Schemas } from '@/shared/api'
import type { Estimate, Forecast, PeriodTotal, ScopeTotals } from '../types'

export type Kind = ScopeTotals['kind']
export type Grain = 'month' | 'quarter'

export interface Node {
  key: string
  scope: ScopeTotals
  children: Node[]
}

export const keyOf = (kind: Kind, id: number) => (kind === 'all' ? 'all' : `${kind}-${id}`)

export function parseKey(key: string | null): { kind: Kind; id: number } {
  const [, kind, id] = /^(line|team)-(\d+)$/.exec(key ?? '') ?? []
  return kind ? { kind: kind as Kind, id: Number(id) } : { kind: 'all', id: 0 }
}

/** Which team stands directly above another. */
export type Above = ReadonlyMap<number, number>

/** Read who stands above whom off the organisation as the server tells it. */
export function above(teams: Schemas['TeamOut'][], into = new Map<number, number>()): Map<number, number> {
  for (const team of teams) {
    for (const below of team.below) into.set(below.id, team.id)
    above(team.below, into)
  }
  return into
}

/** Everything holds lines, lines hold teams, teams hold teams. What belongs to nothing shown stands at the top. */
export function tree(totals: ScopeTotals[], parents: Above = new Map()): Node[] {
  const node = (scope: ScopeTotals): Node => ({ key: keyOf(scope.kind, scope.id), scope, children: [] })
  const lines = totals.filter((t) => t.kind === 'line').map(node)
  const teams = new Map(totals.filter((t) => t.kind === 'team').map((t) => [t.id, node(t)]))
  const loose: Node[] = []
  for (const team of teams.values()) {
    const parent = teams.get(parents.get(team.scope.id) ?? Number.NaN)
    const home = parent ?? lines.find((l) => l.scope.id === team.scope.line)
    ;(home ? home.children : loose).push(team)
  }
  const all = totals.find((t) => t.kind === 'all')
  return all ? [{ ...node(all), children: [...lines, ...loose] }] : [...lines, ...loose]
}

/** The scope asked for, or the widest there is. */
export function find(totals: ScopeTotals[], key: string | null): ScopeTotals | undefined {
  const { kind, id } = parseKey(key)
  return totals.find((t) => t.kind === kind && (kind === 'all' || t.id === id)) ?? tree(totals)[0]?.scope
}

export const grainOf = (period: string): Grain => (period.includes('Q') ? 'quarter' : 'month')

/** The period asked for if there is one, else the first of its grain: the one that is running. */
export function pick(periods: string[], grain: Grain, asked: string | null): string | undefined {
  const fitting = periods.filter((p) => grainOf(p) === grain)
  return fitting.find((p) => p === asked) ?? fitting[0]
}

export const totalOf = (scope: ScopeTotals, period: string): PeriodTotal | undefined =>
  scope.periods.find((p) => p.period === period)

export const estimateOf = (forecast: Forecast, scope: ScopeTotals, period: string): Estimate | undefined =>
  forecast.estimates.find(
    (e) => e.kind === scope.kind && e.period === period && (e.kind === 'all' || e.scope === scope.id),
  )

/** First and last day of a period, as YYYY-MM-DD. */
export function span(period: string): [string, string] {
  const [year, rest] = period.includes('Q') ? period.split('Q') : period.split('-')
  const first = period.includes('Q') ? (Number(rest) - 1) * 3 : Number(rest) - 1
  const months = period.includes('Q') ? 3 : 1
  const day = (date: Date) => date.toISOString().slice(0, 10)
  return [
    day(new Date(Date.UTC(Number(year), first, 1))),
    day(new Date(Date.UTC(Number(year), first + months, 0))),
  ]
}
