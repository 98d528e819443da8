import createFetchClient, { type Middleware } from 'openapi-fetch'
import createQueryClient from 'openapi-react-query'
import type { components, paths } from '@/generated/api'
import { takeAhead } from './ahead'

export type Schemas = components['schemas']

/** Why the server refused, or that it could not be reached (code `offline`). Both languages; `request` finds it in the logs. */
export class ApiProblem extends Error {
  readonly code: string
  readonly zh: string
  readonly en: string
  readonly request: string
  readonly fields: Record<string, string>
  readonly status: number
  /** Of a sign-in refused for a while. */
  readonly waitSeconds: number

  constructor(status: number, told: Partial<Schemas['SignInRefused']>) {
    super(`${status} ${told.code ?? ''}`)
    this.name = 'ApiProblem'
    this.status = status
    this.code = told.code ?? 'unknown'
    this.zh = told.zh ?? '服务没有给出原因，请稍后重试。'
    this.en = told.en ?? 'The server gave no reason. Try again later.'
    this.request = told.request ?? ''
    this.fields = told.fields ?? {}
    this.waitSeconds = told.wait_seconds ?? 0
  }

  /** Whether asking again may help: not for what was refused with a reason. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500
  }
}

/** Any error as a problem that can be shown. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem(-1, {
    code: 'page_fault',
    zh: '页面出现意外故障，请刷新后重试。',
    en: 'This page broke unexpectedly. Load it again.',
  })
}

let signedOut: () => void = () => {}

/** Say what happens when the server no longer knows who asks. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

const rules: Middleware = {
  onRequest({ request }) {
    const token = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1]
    if (token && !SAFE.has(request.method)) request.headers.set('X-CSRFToken', decodeURIComponent(token))
    return request
  },
  async onResponse({ request, response }) {
    if (response.ok) return
    const problem = await problemOf(response)
    const signingIn = request.method === 'POST' && new URL(request.url).pathname === '/api/session'
    if (response.status === 401 && !signingIn) signedOut()
    throw problem
  },
  onError({ error }) {
    if (error instanceof ApiProblem || (error instanceof DOMException && error.name === 'AbortError')) return
    return new ApiProblem(0, {
      code: 'offline',
      zh: '连不上服务器，请检查网络后重试。',
      en: 'The server cannot be reached. Check the network and try again.',
    })
  },
}

/** Read a refusal. Whatever stands between us and the server may answer with something else than a Problem. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  try {
    const told: unknown = await response.json()
    return new ApiProblem(response.status, typeof told === 'object' && told !== null ? told : {})
  } catch {
    return new ApiProblem(response.status, {
      code: 'unreadable',
      zh: `服务暂时不可用（${response.status}），请稍后重试。`,
      en: `The service is not available right now (${response.status}). Try again later.`,
    })
  }
}

/** For a single call: `const { data } = await client.POST('/api/tasks', { body })`. Throws ApiProblem. */
export const client = createFetchClient<paths>({
  baseUrl: location.origin,
  // Looked up at each call, so that tests can stand in for it.
  fetch: (request) => takeAhead(request) ?? globalThis.fetch(request),
})
client.use(rules)

/** For components: `api.useQuery('get', '/api/deals/{deal}', { params: { path: { deal } } })`. Errors are ApiProblem. */
export const api = firstPageWithoutCursor(createQueryClient(client))

/** openapi-react-query makes a 0 of an undefined first cursor, which the server refuses; null is left out. */
function firstPageWithoutCursor<T extends ReturnType<typeof createQueryClient<paths>>>(queries: T): T {
  const ask = queries.useInfiniteQuery as (...args: unknown[]) => unknown
  const useInfiniteQuery = (
    method: unknown,
    path: unknown,
    init: unknown,
    options: object,
    ...rest: unknown[]
  ) => ask(method, path, init, { ...options, initialPageParam: null }, ...rest)
  return { ...queries, useInfiniteQuery: useInfiniteQuery as typeof queries.useInfiniteQuery }
}
