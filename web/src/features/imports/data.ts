import { useQueryClient } from '@tanstack/react-query'
import { App } from 'antd'
import { useCallback } from 'react'
import { api, asProblem, client, problemOf, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'

export type Import = Schemas['ImportOut']
export type ImportRow = Schemas['ImportRowOut']
export type Settings = Schemas['ImportSettings']
export type Target = Schemas['TargetOut']

export const LARGEST = 100 * 1024 * 1024
const LIST = ['get', '/api/imports']
const keyOf = (id: number) => ['get', '/api/imports/{import}', { params: { path: { import: id } } }]

export function useImports() {
  const query = api.useQuery('get', '/api/imports', {})
  useLive([['imports', 0]], [LIST], 1_000)
  return query
}

export function useImport(id: number) {
  const query = api.useQuery(
    'get',
    '/api/imports/{import}',
    { params: { path: { import: id } } },
    {
      // The socket tells of progress; where it is broken, this does.
      refetchInterval: ({ state }) => (state.data && BUSY.has(state.data.status) ? 3_000 : false),
    },
  )
  useLive([['import', id]], [keyOf(id)], 500)
  return query
}

/** States in which something happens in the background. */
export const BUSY: ReadonlySet<string> = new Set(['checking', 'running', 'undoing'])

/** Take an import as the server now has it; lists and previews follow. */
export function useTake(): (of: Import) => void {
  const queries = useQueryClient()
  return useCallback(
    (of) => {
      queries.setQueryData(keyOf(of.id), of)
      void queries.invalidateQueries({ queryKey: LIST })
      void queries.invalidateQueries({ queryKey: ['get', '/api/imports/{import}/preview'] })
    },
    [queries],
  )
}

export function useRefused(): (error: unknown) => void {
  const { message } = App.useApp()
  const named = useNamed()
  return useCallback((error) => void message.error(named(asProblem(error))), [message, named])
}

/** Send a file as it is. Throws ApiProblem. */
export async function upload(kind: string, file: File): Promise<Import> {
  const { data } = await client.POST('/api/imports', {
    params: { query: { kind, name: file.name } },
    body: file as unknown as string,
    bodySerializer: (body) => body as unknown as BodyInit,
    headers: { 'Content-Type': 'application/octet-stream' },
  })
  return data as Import
}

/** Save what the server answers as a file. Throws ApiProblem. */
export async function download(response: Response): Promise<void> {
  if (!response.ok) throw await problemOf(response)
  const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'foresail'
  const address = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: address, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
