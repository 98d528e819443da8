import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { App } from 'antd'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { setLanguage } from '@/shared/i18n'
import ConsentCard from './ConsentCard'
import type { RecordOut } from './data'

beforeAll(() => setLanguage('zh'))
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

it('says that what a contact agreed to could not be read, and asks again', async () => {
  const consent = { purpose: 'intent', zh: '分析购买意向', en: 'Intent', standing: 'none', at: null }
  const rest = { wording: null, source: '', how: '', proof: '', noted_by: null, wordings: [] }
  const answers = [
    Response.json({ code: 'broken', zh: '暂时读不到。', en: 'Not now.' }, { status: 500 }),
    Response.json({ may_note: false, consents: [{ ...consent, ...rest }] }),
  ]
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => answers.shift() as Response)
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={queries}>
      <App>
        <ConsentCard record={{ id: 7, title: '王静' } as RecordOut} />
      </App>
    </QueryClientProvider>,
  )
  expect((await screen.findByRole('alert')).textContent).toContain('暂时读不到')
  expect(screen.getByRole('region', { name: '同意' })).toBeTruthy()
  fireEvent.click(screen.getByRole('button'))
  expect(await screen.findByText('分析购买意向')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
})
