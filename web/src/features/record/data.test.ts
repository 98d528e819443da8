import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderHook } from '@testing-library/react'
import { createElement, type ReactNode } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { live } from '@/shared/live'
import { recordKey, useRecordLive } from './data'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

it('fetches a deal again when its score changed alone, which is among its fields', async () => {
  const told = new Map<string, () => void>()
  vi.spyOn(live, 'subscribe').mockImplementation((topics, listener) => {
    for (const topic of topics) told.set(topic.join(':'), () => listener(null, 0))
    return () => {}
  })
  const queries = new QueryClient()
  const fetched = vi.spyOn(queries, 'invalidateQueries').mockResolvedValue()
  renderHook(() => useRecordLive('deal', 5), {
    wrapper: ({ children }: { children: ReactNode }) =>
      createElement(QueryClientProvider, { client: queries }, children),
  })
  told.get('deal_score:5')?.()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(fetched.mock.calls).toEqual([[{ queryKey: recordKey('deal', 5) }]])
})
