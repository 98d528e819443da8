import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback, useState } from 'react'
import { keysOf } from '@/features/crm/useDeal'
import { useUndoable } from '@/features/record/undo'
import { asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useDraftsTexts } from './texts'

export type Proposal = Schemas['ProposalOut']
export type Role = NonNullable<Proposal['role']>

export const MINE = ['get', '/api/proposals']
export const OF_DEAL = '/api/deals/{deal}/proposals'
export const keyOf = (deal: number) => ['get', OF_DEAL, { params: { path: { deal } } }]

/** What a proposal would do, in one line. */
export function useSaying(): (proposal: Proposal) => string {
  const t = useDraftsTexts()
  const named = useNamed()
  return ({ kind, stage, person, title }) =>
    t(`what.${kind}`, { stage: stage ? named(stage) : '', name: person?.name ?? '', title })
}

/** A stage that asks for what the deal lacks: the proposal waits until that is filled in. */
export interface Asking {
  proposal: Proposal
  told: Record<string, string>
}

/** Confirm or refuse proposals. What is decided goes from the list at once, and comes back where it is refused. */
export function useDecide() {
  const t = useDraftsTexts()
  const named = useNamed()
  const say = useSaying()
  const queries = useQueryClient()
  const undoable = useUndoable()
  const { message } = App.useApp()
  const [asking, setAsking] = useState<Asking | null>(null)
  const [gone, setGone] = useState<ReadonlySet<string>>(() => new Set())
  const put = useCallback(
    (mark: string, away: boolean) =>
      setGone((now) => {
        const next = new Set(now)
        if (away) next.add(mark)
        else next.delete(mark)
        return next
      }),
    [],
  )
  const settle = useCallback(
    (deal: number) =>
      Promise.all(
        [...keysOf(deal), keyOf(deal), MINE, ['get', '/api/tasks'], ['get', '/api/contacts']].map(
          (queryKey) => queries.invalidateQueries({ queryKey }),
        ),
      ),
    [queries],
  )
  const decide = useCallback(
    async (proposal: Proposal, verdict: 'confirm' | 'refuse', role?: Role): Promise<boolean> => {
      const { mark, deal } = proposal
      const params = { path: { deal: deal.id, mark } }
      put(mark, true)
      try {
        const { data } =
          verdict === 'confirm'
            ? await client.POST('/api/deals/{deal}/proposals/{mark}/confirm', {
                params,
                body: { role: role ?? null },
              })
            : await client.POST('/api/deals/{deal}/proposals/{mark}/refuse', { params })
        setAsking(null)
        if (data)
          undoable(t(verdict === 'confirm' ? 'confirmed' : 'refused', { what: say(proposal) }), async () => {
            await client.POST('/api/decisions/{decision}/take-back', {
              params: { path: { decision: data.id } },
            })
            put(mark, false)
            await settle(deal.id)
          })
        await settle(deal.id)
        return true
      } catch (error) {
        put(mark, false)
        const problem = asProblem(error)
        if (problem.code === 'stage_asks') setAsking({ proposal, told: problem.fields })
        else {
          message.error(named(problem))
          await settle(deal.id)
        }
        return false
      }
    },
    [message, named, put, say, settle, t, undoable],
  )
  return { decide, gone, asking, giveUp: () => setAsking(null) }
}
