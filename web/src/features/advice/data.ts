import { api, type Schemas } from '@/shared/api'
import { useLive } from '@/shared/live'

export type Asset = Schemas['AssetOut']

export const LISTS = ['stages', 'personas', 'industries', 'competitors', 'topics'] as const
export type List = (typeof LISTS)[number]
export const PERSONAS = ['economic_buyer', 'champion', 'technical', 'user'] as const

const ASSETS = ['get', '/api/assets']
export const keyOfContent = (deal: number) => [
  'get',
  '/api/deals/{deal}/content',
  { params: { path: { deal } } },
]

export function useLibrary(active: boolean) {
  useLive([['assets', 0]], [ASSETS])
  return api.useQuery('get', '/api/assets', { params: { query: { active } } })
}

/** Who in a deal something can be sent to. */
export function useContacts(deal: number) {
  const query = api.useQuery('get', '/api/deals/{deal}/people', { params: { path: { deal } } })
  const contacts = (query.data?.contacts ?? []).flatMap(({ contact }) => (contact.left_at ? [] : [contact]))
  return { contacts, error: query.error }
}

export type Wanted = Partial<Record<List | 'language' | 'q', string>>

/** What fits: an asset that names no stage, industry and so on is for all of them. */
export function chosen(assets: readonly Asset[], wanted: Wanted): Asset[] {
  const words = (wanted.q ?? '').trim().toLowerCase()
  return assets.filter(
    (asset) =>
      (!wanted.language || asset.language === wanted.language) &&
      (!words || `${asset.title}\n${asset.summary}`.toLowerCase().includes(words)) &&
      LISTS.every((list) => {
        const value = wanted[list]
        const own: readonly string[] = asset[list]
        return !value || own.length === 0 || own.includes(value)
      }),
  )
}

/** What stands in a list of any asset, each once. */
export function named(assets: readonly Asset[], list: List): string[] {
  return [...new Set(assets.flatMap((asset): string[] => asset[list]))].toSorted()
}
