import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { keysOf } from '@/features/crm/useDeal'
import { api, asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import styles from './DealContent.module.css'
import { keyOfContent } from './data'
import { keyOf, MINE } from './suggestions/data'
import { useAdviceTexts } from './texts'

/** Have a link made to what is to be sent, and put it into the clipboard. `sent` is told once there is one. */
export function useSend(deal: number, sent?: () => void) {
  const t = useAdviceTexts()
  const named = useNamed()
  const queries = useQueryClient()
  const { message, modal } = App.useApp()
  const again = () => {
    for (const queryKey of [keyOfContent(deal), keyOf(deal), MINE, ...keysOf(deal)])
      void queries.invalidateQueries({ queryKey })
  }
  return api.useMutation('post', '/api/deals/{deal}/content', {
    onSuccess: async ({ text }, { body }) => {
      again()
      sent?.()
      try {
        await navigator.clipboard.writeText(text)
        message.success(t(body.suggestion ? 'deal.copiedDone' : 'deal.copied'))
      } catch {
        // Without TLS a browser has no clipboard for pages.
        modal.info({
          title: t('deal.byHand'),
          content: <p className={styles.text}>{text}</p>,
          okText: t('deal.done'),
        })
      }
    },
    onError: (error) => {
      message.error(named(asProblem(error)))
      again()
    },
  })
}
