import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback, useState } from 'react'
import { keysOf } from '@/features/crm/useDeal'
import { useUndoable } from '@/features/record/undo'
import { asProblem, client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLanguage, useNamed } from '@/shared/i18n'
import { useSuggestionTexts } from './texts'

export type Suggestion = Schemas['SuggestionOut']
export type Group = Schemas['SuggestionGroup']
export type Reason = Schemas['DismissSuggestion']['reason']

export const MINE = ['get', '/api/suggestions']
export const OF_DEAL = '/api/deals/{deal}/suggestions'
export const OF_ACCOUNT = '/api/accounts/{account}/suggestions'
export const keyOfAccount = (account: number) => ['get', OF_ACCOUNT, { params: { path: { account } } }]
export const keyOf = (deal: number) => ['get', OF_DEAL, { params: { path: { deal } } }]

/** What a suggestion says to do, in the language on the screen. */
export function useAction(): (suggestion: Suggestion) => string {
  const language = useLanguage()
  return ({ action_zh, action_en }) => (language === 'zh' ? action_zh : action_en)
}

/** Accept with a task, dismiss and mute. What is decided goes at once, and comes back where it is refused or taken back. */
export function useDecide() {
  const t = useSuggestionTexts()
  const f = useFormat()
  const named = useNamed()
  const actionOf = useAction()
  const queries = useQueryClient()
  const undoable = useUndoable()
  const { message } = App.useApp()
  const [gone, setGone] = useState<ReadonlySet<number>>(() => new Set())
  const put = useCallback(
    (key: number, away: boolean) =>
      setGone((now) => {
        const next = new Set(now)
        if (away) next.add(key)
        else next.delete(key)
        return next
      }),
    [],
  )
  const settle = useCallback(
    (deal: number | null) =>
      Promise.all(
        [
          MINE,
          ['get', '/api/tasks'],
          ['get', OF_ACCOUNT],
          ...(deal === null ? [] : [...keysOf(deal), keyOf(deal)]),
        ].map((queryKey) => queries.invalidateQueries({ queryKey })),
      ),
    [queries],
  )
  const decided = useCallback(
    async (suggestion: Suggestion, act: () => Promise<string>) => {
      put(suggestion.id, true)
      try {
        const text = await act()
        undoable(text, async () => {
          await client.POST('/api/suggestions/{suggestion}/undo', {
            params: { path: { suggestion: suggestion.id } },
          })
          put(suggestion.id, false)
          await settle(suggestion.deal)
        })
        await settle(suggestion.deal)
      } catch (error) {
        put(suggestion.id, false)
        message.error(named(asProblem(error)))
        await settle(suggestion.deal)
      }
    },
    [message, named, put, settle, undoable],
  )
  const accept = useCallback(
    (suggestion: Suggestion) =>
      decided(suggestion, async () => {
        const what = actionOf(suggestion)
        await client.POST('/api/suggestions/{suggestion}/accept', {
          params: { path: { suggestion: suggestion.id } },
          body: { with_task: { title: what, due_on: dayOf() } },
        })
        return t('acceptedTask', { what })
      }),
    [actionOf, decided, t],
  )
  const mute = useCallback(
    async (body: { trigger?: number; deal?: number }, name: string, muted = true) => {
      try {
        await client.POST('/api/suggestions/mute', { body: { ...body, muted } })
        message.success(muted ? t('muted', { name }) : t('heard'))
      } catch (error) {
        message.error(named(asProblem(error)))
      }
      await settle(body.deal ?? null)
    },
    [message, named, settle, t],
  )
  const dismiss = useCallback(
    (suggestion: Suggestion, reason: Reason, text = '') =>
      decided(suggestion, async () => {
        const { data } = await client.POST('/api/suggestions/{suggestion}/dismiss', {
          params: { path: { suggestion: suggestion.id } },
          body: { reason, text },
        })
        const quiet = data?.quiet
        if (quiet?.trigger)
          return t('quiet', {
            name: named({ zh: quiet.trigger.name, en: quiet.trigger_en }),
            day: f.day(quiet.until),
          })
        return t('dismissed', { reason: t(`reason.${reason}`).replace('…', '') })
      }),
    [decided, f, named, t],
  )
  return { accept, dismiss, mute, gone }
}

/** What not to hear of, for a menu: of this kind, or of the deal. */
export function useMutes(
  suggestion: Suggestion,
  deal: { id: number; name: string } | null | undefined,
  mute: ReturnType<typeof useDecide>['mute'],
) {
  const t = useSuggestionTexts()
  const named = useNamed()
  const { trigger, trigger_en } = suggestion
  const kind = named({ zh: trigger.name, en: trigger_en })
  return [
    {
      key: 'trigger',
      label: t('muteTrigger'),
      onClick: () => void mute({ trigger: trigger.id }, kind),
    },
    ...(deal
      ? [{ key: 'deal', label: t('muteDeal'), onClick: () => void mute({ deal: deal.id }, deal.name) }]
      : []),
  ]
}

/** Today, as tasks have it. */
function dayOf(): string {
  const now = new Date()
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}
