import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, client, type Schemas } from '@/shared/api'
import { useLive } from '@/shared/live'

export type SignalFile = Schemas['SignalFileOut']
export type Listed = Schemas['SignalFileListed']
export type Counts = Schemas['FileCounts']

export const LARGEST = 100 * 1024 * 1024
const LIST = ['get', '/api/signal-files']
const keyOf = (id: number) => [
  'get',
  '/api/signal-files/{signal_file}',
  { params: { path: { signal_file: id } } },
]
const LOOK_EVERY = 1_000

export function useSignalFiles() {
  useLive([['collecting', 0]], [LIST], LOOK_EVERY)
  return api.useQuery('get', '/api/signal-files')
}

export function useSignalFile(id: number) {
  useLive([['collecting', 0]], [keyOf(id)], LOOK_EVERY)
  return api.useQuery(
    'get',
    '/api/signal-files/{signal_file}',
    { params: { path: { signal_file: id } } },
    // The socket tells of progress; where it is broken, this does.
    { refetchInterval: ({ state }) => (state.data?.state === 'running' ? 3_000 : false) },
  )
}

/** Take a file as the server now has it; the list follows. */
export function useTakeFile(): (of: SignalFile) => void {
  const queries = useQueryClient()
  return useCallback(
    (of) => {
      queries.setQueryData(keyOf(of.id), of)
      void queries.invalidateQueries({ queryKey: LIST })
    },
    [queries],
  )
}

/** Send a file as it is. Throws ApiProblem. */
export async function sendFile(source: string, file: File): Promise<SignalFile> {
  const { data } = await client.POST('/api/signal-files', {
    params: { query: { source, name: file.name } },
    body: file as unknown as string,
    bodySerializer: (body) => body as unknown as BodyInit,
    headers: { 'Content-Type': 'application/octet-stream' },
  })
  return data as SignalFile
}
