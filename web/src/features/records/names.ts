import { useMemo } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { useMe } from '@/shared/me'
import type { Field } from './fields'

const LONG = 10 * 60_000
const KEPT = { staleTime: LONG }

export interface Option {
  value: number
  label: string
  note?: string
}

/**
 * What can be named by a key: people, teams, lines, pipelines and stages, each asked for once. Pipelines of one's own
 * line come first: a board that nobody chose is one's own, not an empty one of others.
 */
export function useNames() {
  const named = useNamed()
  const { data: me } = useMe()
  const mine = me?.line?.id
  const users = api.useQuery('get', '/api/users', {}, KEPT)
  const teams = api.useQuery('get', '/api/teams', {}, KEPT)
  const pipelines = api.useQuery('get', '/api/pipelines', {}, KEPT)
  useLive([['pipelines', 0]], [['get', '/api/pipelines']])
  return useMemo(() => {
    const allTeams = (teams.data ?? []).flatMap(withBelow)
    const ways = (pipelines.data ?? []).toSorted(
      (one, other) => Number(other.line.id === mine) - Number(one.line.id === mine),
    )
    const lines = new Map(allTeams.map(({ line }) => [line.id, line.name]))
    for (const { line } of ways) lines.set(line.id, line.name)
    const options: Partial<Record<Field['kind'], Option[]>> = {
      person: (users.data ?? [])
        .filter(({ active }) => active)
        .map(({ id, name, team }) => ({ value: id, label: name, note: team?.name })),
      team: allTeams.map(({ id, name, line }) => ({ value: id, label: name, note: line.name })),
      line: [...lines].map(([value, label]) => ({ value, label })),
      pipeline: ways.map(({ id, name }) => ({ value: id, label: name })),
      stage: ways.flatMap(({ stages, name }) =>
        stages.map((stage) => ({ value: stage.id, label: named(stage), note: name })),
      ),
    }
    const everybody = new Map(users.data?.map(({ id, name }) => [id, name]))
    return {
      users: users.data,
      pipelines: ways,
      optionsOf: (kind: Field['kind']): Option[] => options[kind] ?? [],
      nameOf: (kind: Field['kind'], key: number): string | undefined =>
        kind === 'person' ? everybody.get(key) : options[kind]?.find(({ value }) => value === key)?.label,
    }
  }, [users.data, teams.data, pipelines.data, mine, named])
}

export type Names = ReturnType<typeof useNames>

function withBelow(team: Schemas['TeamOut']): Schemas['TeamOut'][] {
  return [team, ...team.below.flatMap(withBelow)]
}
