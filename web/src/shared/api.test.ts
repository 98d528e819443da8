import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderHook, waitFor } from '@testing-library/react'
import { createElement, type ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem, api, asProblem, client, onSignedOut } from './api'

const answer = (status: number, body: unknown) =>
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(JSON.stringify(body), { status }))

const signedOut = vi.fn()

beforeEach(() => onSignedOut(signedOut))

afterEach(() => {
  signedOut.mockClear()
  // biome-ignore lint/suspicious/noDocumentCookie: jsdom has no cookie store
  document.cookie = 'csrftoken=; max-age=0'
})

async function problemOf(call: Promise<unknown>): Promise<ApiProblem> {
  try {
    await call
  } catch (error) {
    return asProblem(error)
  }
  throw new Error('was not refused')
}

describe('a refusal', () => {
  it('is a problem with its code, both sentences and the request id', async () => {
    answer(409, {
      code: 'changed_meanwhile',
      zh: '已被修改',
      en: 'Changed',
      request: 'r7',
      fields: { name: 'x' },
    })
    const problem = await problemOf(client.GET('/api/pipelines'))
    expect(problem).toMatchObject({
      status: 409,
      code: 'changed_meanwhile',
      zh: '已被修改',
      en: 'Changed',
      request: 'r7',
      fields: { name: 'x' },
      passing: false,
    })
    expect(signedOut).not.toHaveBeenCalled()
  })

  it('tells how long to wait before signing in again', async () => {
    answer(429, { code: 'wait', zh: '', en: '', wait_seconds: 27 })
    const problem = await problemOf(client.POST('/api/session', { body: { email: 'a', password: 'b' } }))
    expect(problem.waitSeconds).toBe(27)
  })

  it('leads to the sign-in page when nobody is signed in', async () => {
    answer(401, { code: 'signed_out' })
    await problemOf(client.GET('/api/pipelines'))
    expect(signedOut).toHaveBeenCalledOnce()
  })

  it('of a sign-in stays on the sign-in page', async () => {
    answer(401, { code: 'wrong_credentials' })
    const problem = await problemOf(client.POST('/api/session', { body: { email: 'a', password: 'b' } }))
    expect(problem.code).toBe('wrong_credentials')
    expect(signedOut).not.toHaveBeenCalled()
  })

  it('that is no JSON, from something in between, still says something', async () => {
    vi.spyOn(globalThis, 'fetch').mockImplementation(
      async () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
    )
    const problem = await problemOf(client.GET('/api/pipelines'))
    expect(problem).toMatchObject({ status: 502, code: 'unreadable', passing: true })
    expect(problem.zh).toContain('502')
  })

  it('by the network is called offline', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('Failed to fetch'))
    const problem = await problemOf(client.GET('/api/pipelines'))
    expect(problem).toMatchObject({ status: 0, code: 'offline', passing: true })
  })
})

describe('a request', () => {
  it('that writes proves where it comes from', async () => {
    // biome-ignore lint/suspicious/noDocumentCookie: jsdom has no cookie store
    document.cookie = 'csrftoken=abc%3D'
    const fetched = answer(200, {})
    await client.PATCH('/api/me', { body: { language: 'en' } })
    const written = fetched.mock.calls[0]?.[0] as Request
    expect(written.headers.get('X-CSRFToken')).toBe('abc=')
    await client.GET('/api/me')
    const read = fetched.mock.calls[1]?.[0] as Request
    expect(read.headers.has('X-CSRFToken')).toBe(false)
  })

  it('that was given up is no problem of the network', async () => {
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new DOMException('given up', 'AbortError'))
    await expect(client.GET('/api/pipelines')).rejects.not.toBeInstanceOf(ApiProblem)
  })
})

it('asks for the first page without a cursor, and for the next behind the last', async () => {
  const fetched = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async () => new Response(JSON.stringify({ items: [], next: 'k7', total: 0 })))
  const queries = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) =>
    createElement(QueryClientProvider, { client: queries }, children)
  const { result } = renderHook(
    () =>
      api.useInfiniteQuery(
        'get',
        '/api/deals',
        { params: { query: { limit: 50 } } },
        {
          pageParamName: 'after',
          initialPageParam: undefined,
          getNextPageParam: (page: { next: string | null }) => page.next,
        },
      ),
    { wrapper },
  )
  await waitFor(() => expect(result.current.hasNextPage).toBe(true))
  await result.current.fetchNextPage()
  const asked = fetched.mock.calls.map(([request]) => new URL((request as Request).url).search)
  expect(asked).toEqual(['?limit=50', '?limit=50&after=k7'])
})
