import { Button, Dropdown, Input, Modal } from 'antd'
import { useState } from 'react'
import { useNamed } from '@/shared/i18n'
import { type Suggestion, useAction, type useDecide } from './data'
import { useSuggestionTexts } from './texts'

const REASONS = ['done', 'not_now', 'not_true', 'not_useful', 'other'] as const

/** Why not, in a menu; another reason is written down. Below it, what to hear no more of. */
export function Dismiss({
  suggestion,
  deal,
  decide,
}: {
  suggestion: Suggestion
  deal?: { id: number; name: string } | null
  decide: ReturnType<typeof useDecide>
}) {
  const t = useSuggestionTexts()
  const named = useNamed()
  const actionOf = useAction()
  const [note, setNote] = useState<string | null>(null)
  const name = named({ zh: suggestion.trigger.name, en: suggestion.trigger_en })
  return (
    <>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            ...REASONS.map((key) => ({ key, label: t(`reason.${key}`) })),
            { type: 'divider' as const },
            { key: 'trigger', label: t('muteTrigger') },
            ...(deal ? [{ key: 'deal', label: t('muteDeal') }] : []),
          ],
          onClick: ({ key }) => {
            if (key === 'trigger') void decide.mute({ trigger: suggestion.trigger.id }, name)
            else if (key === 'deal' && deal) void decide.mute({ deal: deal.id }, deal.name)
            else if (key === 'other') setNote('')
            else void decide.dismiss(suggestion, key as (typeof REASONS)[number])
          },
        }}
      >
        <Button size="small" type="text" aria-label={t('dismissOf', { what: actionOf(suggestion) })}>
          {t('dismiss')}
        </Button>
      </Dropdown>
      {note !== null && (
        <Modal
          open
          width={400}
          title={t('otherTitle')}
          okText={t('dismiss')}
          okButtonProps={{ disabled: !note.trim() }}
          onOk={() => {
            setNote(null)
            void decide.dismiss(suggestion, 'other', note)
          }}
          onCancel={() => setNote(null)}
        >
          <Input
            autoFocus
            maxLength={300}
            value={note}
            aria-label={t('otherTitle')}
            placeholder={t('otherHint')}
            onChange={(event) => setNote(event.target.value)}
          />
        </Modal>
      )}
    </>
  )
}
