import type { Schemas } from '@/shared/api'
import { readWidths, type Widths, writeWidths } from './columns'
import { type All, asAll, type Node, readCondition, sameCondition } from './condition'
import type { Kind, Layout } from './kinds'

export type ViewSettings = Schemas['ViewSettings']
export type Density = 'compact' | 'standard'

/** What a list shows. The address says where it differs from its base: the saved view, or what is usual. */
export interface ListState {
  view?: number
  where: All
  q: string
  sort: string
  columns: readonly string[]
  /** Of columns that somebody made wider or narrower; others are as usual. */
  widths: Widths
  group: string
  layout: Layout
  density?: Density
  pipeline?: number
}

const LAYOUTS: readonly Layout[] = ['table', 'board', 'funnel']

/** What a list shows before the address changes anything: what is usual, with what the view says. */
export function baseOf(kind: Kind, settings?: ViewSettings | null): ListState {
  return {
    where: settings ? asAll(settings.where as Node | null | undefined) : kind.where,
    q: settings?.q ?? '',
    sort: settings?.sort || kind.sort,
    columns: settings?.columns?.length ? settings.columns : kind.columns,
    widths: settings?.widths ?? {},
    group: settings?.group ?? '',
    layout: settings?.layout ?? 'table',
    density: settings?.density ?? undefined,
    pipeline: settings?.pipeline ?? undefined,
  }
}

export function readState(search: URLSearchParams, kind: Kind, base: ListState): ListState {
  const positive = (name: string) => {
    const value = Number(search.get(name))
    return Number.isSafeInteger(value) && value > 0 ? value : undefined
  }
  const columns = search.get('columns')?.split(',').filter(Boolean)
  const layout = LAYOUTS.find((one) => one === search.get('layout')) ?? base.layout
  const density = search.get('density')
  return {
    view: positive('view'),
    where: readCondition(search.get('where')) ?? base.where,
    q: search.get('q')?.trim() ?? base.q,
    sort: /^-?\w+$/.exec(search.get('sort') ?? '')?.[0] ?? base.sort,
    columns: columns?.length ? [...new Set(columns)] : base.columns,
    widths: search.has('widths') ? readWidths(search.get('widths') ?? '') : base.widths,
    group: search.get('group') ?? base.group,
    layout: kind.layouts.includes(layout) ? layout : 'table',
    density: density === 'compact' || density === 'standard' ? density : base.density,
    pipeline: positive('pipeline') ?? base.pipeline,
  }
}

/** Write a state into an address that may say other things too, without what is as in its base. */
export function writeState(state: ListState, base: ListState, before: URLSearchParams): URLSearchParams {
  const search = new URLSearchParams(before)
  const say = (name: string, value: string, same: boolean) =>
    same ? search.delete(name) : search.set(name, value)
  say('view', String(state.view), state.view === undefined)
  say('where', JSON.stringify(state.where), sameCondition(state.where, base.where))
  say('q', state.q, state.q === base.q)
  say('sort', state.sort, state.sort === base.sort)
  say('columns', state.columns.join(','), String(state.columns) === String(base.columns))
  say('widths', writeWidths(state.widths), writeWidths(state.widths) === writeWidths(base.widths))
  say('group', state.group, state.group === base.group)
  say('layout', state.layout, state.layout === base.layout)
  say('density', String(state.density), state.density === base.density)
  say('pipeline', String(state.pipeline), state.pipeline === base.pipeline)
  return search
}

/** What a saved view keeps of a state. */
export function settingsOf(state: ListState): ViewSettings {
  return {
    where: state.where as unknown as ViewSettings['where'],
    q: state.q,
    sort: state.sort,
    columns: [...state.columns],
    widths: { ...state.widths },
    group: state.group,
    layout: state.layout,
    density: state.density ?? null,
    pipeline: state.pipeline ?? null,
  }
}

/** Whether anything of what a list shows differs from its base. */
export function differs(state: ListState, base: ListState): boolean {
  return [...writeState({ ...state, view: undefined }, base, new URLSearchParams()).keys()].length > 0
}

/** Whether anything is left out beyond what the list leaves out as usual. */
export function narrows(state: ListState, kind: Kind): boolean {
  return state.q !== '' || (state.where.all.length > 0 && !sameCondition(state.where, kind.where))
}
