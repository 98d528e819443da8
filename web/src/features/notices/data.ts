import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback } from 'react'
import { api, asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useNoticesTexts } from './texts'

export type Notification = Schemas['NotificationOut']
export type Preferences = Schemas['PreferencesOut']
export type Wanted = Exclude<Notification['kind'], 'summary'>
export type Mutable = Schemas['MuteIn']['record_type']

export const UNREAD: QueryKey = ['get', '/api/notifications/unread']
export const LIST: QueryKey = ['get', '/api/notifications']
export const PREFERENCES: QueryKey = ['get', '/api/notifications/preferences']

/** The kinds that one can have or leave, the most direct first. */
export const WANTED: readonly Wanted[] = [
  'task',
  'given',
  'mention',
  'shared',
  'taken',
  'verdict',
  'alert',
  'imported',
  'doubt',
  'report',
]

export function usePreferences() {
  return api.useQuery('get', '/api/notifications/preferences', {}, { staleTime: 5 * 60_000 })
}

/** Change some of one's preferences; the page shows them at once, and takes them back where they are refused. */
export function useChangePreferences(): (change: Partial<Preferences>) => Promise<boolean> {
  const queries = useQueryClient()
  const named = useNamed()
  const { message } = App.useApp()
  return useCallback(
    async (change) => {
      const was =
        queries.getQueryData<Preferences>([...PREFERENCES, {}]) ??
        (await client.GET('/api/notifications/preferences')).data
      if (!was) return false
      const { muted, calendar_until, ...body } = { ...was, ...change }
      queries.setQueryData([...PREFERENCES, {}], { ...body, muted, calendar_until })
      try {
        const { data } = await client.PUT('/api/notifications/preferences', { body })
        queries.setQueryData([...PREFERENCES, {}], data)
        return true
      } catch (error) {
        queries.setQueryData([...PREFERENCES, {}], was)
        void message.error(named(asProblem(error)))
        return false
      }
    },
    [queries, named, message],
  )
}

/** Mute a record, or hear of it again, and say so. */
export function useSetMuted(): (kind: Mutable, id: number, muted: boolean) => Promise<void> {
  const t = useNoticesTexts()
  const queries = useQueryClient()
  const named = useNamed()
  const { message } = App.useApp()
  return useCallback(
    async (kind, id, muted) => {
      try {
        await client.PUT('/api/notifications/mutes', { body: { record_type: kind, record: id, muted } })
        void message.success(muted ? t('muted', { kind: t(`kind.${kind}`) }) : t('unmuted'))
      } catch (error) {
        void message.error(named(asProblem(error)))
      }
      await queries.invalidateQueries({ queryKey: PREFERENCES })
    },
    [t, queries, named, message],
  )
}

/** The entry of a record's menu that mutes it, or ends that. */
export function useMuteItem(kind: Mutable, id: number) {
  const t = useNoticesTexts()
  const { data } = usePreferences()
  const setMuted = useSetMuted()
  const muted = data?.muted.some((each) => each.record_type === kind && each.record === id) ?? false
  return {
    key: 'mute',
    label: muted ? t('unmute') : t('mute', { kind: t(`kind.${kind}`) }),
    onClick: () => void setMuted(kind, id, !muted),
  }
}
