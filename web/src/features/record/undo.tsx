import { App, Button } from 'antd'
import { useCallback } from 'react'
import { asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useRecordTexts } from './texts'

const SHOWN_SECONDS = 10

/** Say that something was done, with a button that takes it back for ten seconds. */
export function useUndoable(): (text: string, undo: () => Promise<unknown>) => void {
  const t = useRecordTexts()
  const named = useNamed()
  const { message } = App.useApp()
  return useCallback(
    (text, undo) => {
      const key = `undo-${Date.now()}`
      const back = async () => {
        message.destroy(key)
        try {
          await undo()
          message.success(t('undone'))
        } catch (error) {
          message.error(named(asProblem(error)))
        }
      }
      void message.open({
        key,
        type: 'success',
        duration: SHOWN_SECONDS,
        content: (
          <>
            {text}
            <Button type="link" size="small" onClick={() => void back()}>
              {t('undo')}
            </Button>
          </>
        ),
      })
    },
    [message, named, t],
  )
}
