import { App, Button } from 'antd'
import { api, asProblem } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { type Kind, MERGES, PAIRS, useReload } from './data'
import { useQualityTexts } from './texts'

const UNDO_SECONDS = 12

/** Take back a merge, from the toast that told of it or from the list of merges. */
export function useUndo() {
  const t = useQualityTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const reload = useReload(PAIRS, MERGES)
  return api.useMutation('post', '/api/merges/{merge}/undo', {
    onSuccess: () => {
      void message.success(t('undone'))
      return reload()
    },
    onError: (error) => void message.error(named(asProblem(error))),
  })
}

/** Merge two records of `kind`; says so, with a way back. */
export function useMerge(kind: Kind) {
  const t = useQualityTexts()
  const named = useNamed()
  const { notification, message } = App.useApp()
  const reload = useReload(PAIRS, MERGES)
  const undo = useUndo()
  const told = {
    onSuccess: ({ merge, record }: { merge: number; record: { title: string } }) => {
      const key = `merge-${merge}`
      notification.success({
        key,
        title: t('merged', { name: record.title }),
        duration: UNDO_SECONDS,
        placement: 'bottomLeft',
        actions: (
          <Button
            size="small"
            onClick={() => {
              notification.destroy(key)
              undo.mutate({ params: { path: { merge } } })
            }}
          >
            {t('undo')}
          </Button>
        ),
      })
      return reload()
    },
    onError: (error: unknown) => void message.error(named(asProblem(error))),
  }
  const merges = {
    account: api.useMutation('post', '/api/records/account-merge', told),
    contact: api.useMutation('post', '/api/records/contact-merge', told),
    lead: api.useMutation('post', '/api/records/lead-merge', told),
  }
  return merges[kind]
}
