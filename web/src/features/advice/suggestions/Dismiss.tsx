import { Button, Dropdown } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useNamed } from '@/shared/i18n'
import { type Suggestion, useAction, type useDecide } from './data'
import { useSuggestionTexts } from './texts'

const OtherDialog = lazy(() => import('./OtherDialog'))

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
  const [asking, setAsking] = useState(false)
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
            else if (key === 'other') setAsking(true)
            else void decide.dismiss(suggestion, key as (typeof REASONS)[number])
          },
        }}
      >
        <Button size="small" type="text" aria-label={t('dismissOf', { what: actionOf(suggestion) })}>
          {t('dismiss')}
        </Button>
      </Dropdown>
      {asking && (
        <Suspense fallback={null}>
          <OtherDialog
            dismiss={(text) => void decide.dismiss(suggestion, 'other', text)}
            close={() => setAsking(false)}
          />
        </Suspense>
      )}
    </>
  )
}
