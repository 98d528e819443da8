import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'

export type Collecting = Schemas['CollectingOut']
export type Boundary = Schemas['BoundaryOut']
export type Rule = Schemas['BoundaryRule']
export type Source = Schemas['SourceOut']
export type Treatment = Rule['fields'][string]

const COLLECTING = ['get', '/api/collecting']
const KEYS = ['get', '/api/intake-keys']
/** Signals may come by the hundred. */
const LOOK_EVERY = 2_000

export function useCollecting() {
  useLive(
    [
      ['collecting', 0],
      ['signals', 0],
    ],
    [COLLECTING, KEYS],
    LOOK_EVERY,
  )
  return api.useQuery('get', '/api/collecting')
}

/** Return what says why something failed, and what asks for everything of this page again. */
export function useAfter() {
  const named = useNamed()
  const queries = useQueryClient()
  const { message } = App.useApp()
  return {
    fail: (error: unknown) => void message.error(named(asProblem(error))),
    say: (text: string) => void message.success(text),
    again: useCallback(() => {
      void queries.invalidateQueries({ queryKey: COLLECTING })
      void queries.invalidateQueries({ queryKey: KEYS })
    }, [queries]),
  }
}

/** What a source is called. */
export function nameOf(
  key: string,
  collecting: Collecting,
  named: (one: { zh: string; en: string }) => string,
): string {
  const found = collecting.sources.find((each) => each.key === key)
  return found ? named(found) : key
}

export type Change = 'added' | 'removed' | 'changed'

/** How each source would change: by its key, only those that would. */
export function changesBetween(before: readonly Rule[], after: readonly Rule[]): Map<string, Change> {
  const found = new Map<string, Change>()
  const was = new Map(before.map((rule) => [rule.source, rule]))
  for (const rule of after) {
    const old = was.get(rule.source)
    if (!old) found.set(rule.source, 'added')
    else if (told(old) !== told(rule)) found.set(rule.source, 'changed')
  }
  const still = new Set(after.map(({ source }) => source))
  for (const { source } of before) if (!still.has(source)) found.set(source, 'removed')
  return found
}

function told({ purpose, basis, days, fields, kinds }: Rule): string {
  return JSON.stringify([purpose, basis, days, Object.entries(fields).sort(), [...(kinds ?? [])].sort()])
}

/** The code that a site carries. `live` is where the event socket listens: signals come in there too. */
export function snippetOf(live: string, key: string): string {
  const base = live.replace(/^ws/, 'http').replace(/\/live$/, '')
  return `<script>
  foresailWaiting = []
  foresail = (...call) => foresailWaiting.push(call)
</script>
<script async src="${base}/t.js" data-key="${key}"></script>`
}
