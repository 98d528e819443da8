import { Modal } from 'antd'
import { useState } from 'react'
import { asked } from '@/features/records/board'
import { keyOf, onePath } from '@/features/records/data'
import { plainOf, type Shown, useFields } from '@/features/records/fields'
import { useNames } from '@/features/records/names'
import StageAsk from '@/features/records/StageAsk'
import { asProblem, client } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import type { Asking, Proposal } from './data'
import { useDraftsTexts } from './texts'

/** Asks for what a stage needs and the deal lacks; filled in, the proposal is confirmed. */
export default function AskDialog({
  asking,
  confirm,
  giveUp,
}: {
  asking: Asking
  confirm: (proposal: Proposal) => Promise<unknown>
  giveUp: () => void
}) {
  const t = useDraftsTexts()
  const named = useNamed()
  const names = useNames()
  const { fields } = useFields('deal')
  const [refused, setRefused] = useState<string>()
  const { proposal, told } = asking
  const { stage, from_stage: from, deal } = proposal
  const lacking = asked(told, fields)
  if (!stage || !from || lacking.length === 0) return null
  const answer = async (values: Record<string, Shown>) => {
    try {
      await client.PATCH(onePath('deal'), {
        params: keyOf('deal', deal.id),
        body: {
          changes: Object.fromEntries(
            Object.entries(values).map(([key, value]) => [key, { value: plainOf(value) as never }]),
          ),
        },
      })
      await confirm(proposal)
    } catch (error) {
      setRefused(named(asProblem(error)))
    }
  }
  const row = { id: deal.id, title: deal.name, version: 0, values: {} }
  return (
    <Modal open footer={null} onCancel={giveUp} title={t('ask', { stage: named(stage) })} width={420}>
      <StageAsk
        asks={{ row: row as never, from: from.id, stage, fields: lacking, refused }}
        names={names}
        answer={answer}
        giveUp={giveUp}
      />
    </Modal>
  )
}
