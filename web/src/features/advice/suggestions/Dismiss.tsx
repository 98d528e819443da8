import { Button, Dropdown } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { type Suggestion, useAction, type useDecide, useMutes } from './data'
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
  const actionOf = useAction()
  const mutes = useMutes(suggestion, deal, decide.mute)
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            ...REASONS.map((key) => ({
              key,
              label: t(`reason.${key}`),
              onClick: () => (key === 'other' ? setAsking(true) : void decide.dismiss(suggestion, key)),
            })),
            { type: 'divider' as const },
            ...mutes,
          ],
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
