import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Suggestion, useDecide } from './data'

const SendDialog = lazy(() => import('./SendDialog'))

/** Do what is suggested: content is chosen and sent in a dialog, to be shown; all else becomes a task. */
export function usePerform(decide: ReturnType<typeof useDecide>): {
  perform: (suggestion: Suggestion) => void
  dialog: ReactNode
} {
  const [sending, setSending] = useState<Suggestion & { deal: number }>()
  const perform = (suggestion: Suggestion) => {
    const { action, deal } = suggestion
    if (action === 'send_content' && deal !== null) setSending({ ...suggestion, deal })
    else void decide.accept(suggestion)
  }
  const close = () => setSending(undefined)
  const dialog = sending && (
    <Suspense fallback={null}>
      <SendDialog key={sending.id} suggestion={sending} deal={sending.deal} decide={decide} close={close} />
    </Suspense>
  )
  return { perform, dialog }
}
