import { api, type Schemas } from '@/shared/api'

export type TeamNode = Schemas['TeamNodeOut']
export type Organisation = Schemas['OrganisationOut']

export const ORGANISATION = ['get', '/api/organisation']

export function useOrganisation() {
  return api.useQuery('get', '/api/organisation', {}, { staleTime: 60_000 })
}

interface Choice {
  value: number
  title: string
  selectable?: boolean
  disabled?: boolean
  key?: string
  children: Choice[]
}

/** Teams as a tree to choose from, below their lines, which cannot be chosen. `without` and what is below it neither. */
export function teamChoices(organisation: Organisation | undefined, without?: number): Choice[] {
  return (organisation?.lines ?? []).map(({ id, name, teams }) => ({
    value: -id,
    title: name,
    selectable: false,
    children: teamsBelow(teams, without),
  }))
}

export function teamsBelow(teams: readonly TeamNode[], without?: number): Choice[] {
  return teams
    .filter(({ id }) => id !== without)
    .map(({ id, name, below }) => ({ value: id, title: name, children: teamsBelow(below, without) }))
}

/** The team with this key, its line and the team above it. */
export function findTeam(
  organisation: Organisation,
  key: number,
): { team: TeamNode; line: Schemas['LineOut']; parent: TeamNode | null } | undefined {
  for (const line of organisation.lines) {
    const found = within(line.teams, key, null)
    if (found) return { ...found, line }
  }
  return undefined
}

function within(
  teams: readonly TeamNode[],
  key: number,
  parent: TeamNode | null,
): { team: TeamNode; parent: TeamNode | null } | undefined {
  for (const team of teams) {
    if (team.id === key) return { team, parent }
    const found = within(team.below, key, team)
    if (found) return found
  }
  return undefined
}

/** How many people are in a team and in those below it. */
export function headcount(team: TeamNode): number {
  return team.members + team.below.reduce((sum, below) => sum + headcount(below), 0)
}
