import type { components } from '@/generated/api'

export type Stage = components['schemas']['StageOut']
export type Deal = components['schemas']['DealOut']

export type StepState = 'done' | 'now' | 'ahead'

/** Each stage of the path in order, and whether it lies behind, is where the deal stands, or lies ahead. */
export function path(
  deal: Pick<Deal, 'stage' | 'stage_path' | 'status'>,
): { stage: Stage; state: StepState }[] {
  const stages = deal.stage_path.toSorted((a, b) => a.position - b.position)
  return stages.map((stage) => ({
    stage,
    state:
      deal.status === 'won' || stage.position < deal.stage.position
        ? 'done'
        : stage.position === deal.stage.position
          ? 'now'
          : 'ahead',
  }))
}
