import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { App } from 'antd'
import type { ComponentType } from 'react'
import { MemoryRouter } from 'react-router'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { setLanguage } from '@/shared/i18n'
import CurrenciesPage from './CurrenciesPage'
import FieldsPage from './FieldsPage'
import PipelinesPage from './PipelinesPage'

// jsdom has neither, and pages ask as they are loaded.
vi.hoisted(() => {
  const nothing = () => {}
  globalThis.ResizeObserver = class {
    observe = nothing
    unobserve = nothing
    disconnect = nothing
  }
  globalThis.matchMedia = ((media: string) => ({
    media,
    matches: false,
    addEventListener: nothing,
    removeEventListener: nothing,
    addListener: nothing,
    removeListener: nothing,
  })) as unknown as typeof matchMedia
})

const stage = (id: number, zh: string, more = {}) => ({
  id,
  key: `s${id}`,
  zh,
  en: zh,
  position: id,
  usual_days: 10,
  category: 'pipeline',
  requires: [],
  retired: false,
  ...more,
})
const PIPELINE = {
  id: 1,
  name: '大客户',
  line: { id: 1, name: '能源' },
  currency: 'CNY',
  stages: [
    stage(1, '确认'),
    stage(2, '报价', { requires: ['next_step'] }),
    stage(3, '旧阶段', { retired: true }),
  ],
}
const SHAPE = {
  key: 'deal',
  zh: '商机',
  en: 'deal',
  own: [
    {
      id: 5,
      key: 'grade',
      kind: 'choice',
      zh: '等级',
      en: 'Grade',
      choices: [],
      target: '',
      required: true,
      retired: false,
    },
    {
      id: 6,
      key: 'site',
      kind: 'text',
      zh: '现场',
      en: 'Site',
      choices: [],
      target: '',
      required: false,
      retired: false,
    },
  ],
  ruled: [{ key: 'amount', zh: '金额', en: 'Amount', custom: false, changeable: true }],
  rules: [{ field: 'amount', role: 'rep', level: 'hidden' }],
  own_able: true,
}
const CURRENCIES = {
  house: 'CNY',
  may_change: true,
  currencies: [
    { currency: 'CNY', rate: null, from_on: null, open_deals: 8 },
    { currency: 'USD', rate: '7.1200000000', from_on: '2026-01-01', open_deals: 3 },
    { currency: 'EUR', rate: null, from_on: null, open_deals: 2 },
  ],
}
const ANSWERS: Record<string, unknown> = {
  '/api/pipelines': [PIPELINE],
  '/api/record-types': [
    {
      key: 'deal',
      fields: [{ key: 'next_step', zh: '下一步', en: 'Next step', changeable: true, choices: [] }],
    },
  ],
  '/api/teams': [],
  '/api/shape': [SHAPE],
  '/api/currencies': CURRENCIES,
}

// Whole pages of antd take their time where the machine does other work.
vi.setConfig({ testTimeout: 180_000 })
configure({ asyncUtilTimeout: 60_000 })
beforeAll(() => setLanguage('zh'))
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

/** What was sent besides questions: method, path and body. */
function shown(Page: ComponentType, refusal?: { status: number; code: string; zh: string }) {
  const sent: [string, string, unknown][] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    const request = input as Request
    const path = new URL(request.url).pathname
    if (request.method === 'GET') return Response.json(ANSWERS[path] ?? [])
    sent.push([request.method, path, await request.json()])
    if (refusal && sent.length === 1) return Response.json(refusal, { status: refusal.status })
    return request.method === 'POST' ? Response.json({ moved: 4 }) : new Response(null, { status: 204 })
  })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <App>
        <MemoryRouter>
          <Page />
        </MemoryRouter>
      </App>
    </QueryClientProvider>,
  )
  return sent
}

// Asked of the document itself: to look for roles, the whole page is styled anew each time.
const plain = (text: string | null) => (text ?? '').replaceAll(/\s/g, '')
const find = async (selector: string, at: ParentNode = document) =>
  await waitFor(() => {
    const found = at.querySelector<HTMLElement>(selector)
    if (!found) throw new Error(`There is no ${selector}.`)
    return found
  })
const dialog = () => find('[role=dialog]')
const button = (name: string, at: ParentNode = document) => {
  const buttons = [...at.querySelectorAll('button')]
  const found = buttons.find(
    (one) => one.getAttribute('aria-label') === name || plain(one.textContent) === plain(name),
  )
  if (!found) throw new Error(`There is no button ${name}.`)
  return found
}
const rowOf = async (text: string) => (await screen.findByText(text)).closest('tr') as HTMLElement
const choose = async (at: ParentNode, title: string) => {
  fireEvent.mouseDown(await find('[role=combobox]', at))
  fireEvent.click(await screen.findByTitle(title))
}

it('moves a stage down, those out of use staying behind, and keeps the keyboard where it was', async () => {
  const sent = shown(PipelinesPage)
  await screen.findByText('确认')
  button('下移 确认').focus()
  fireEvent.click(button('下移 确认'))
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]).toEqual(['PUT', '/api/shape/pipelines/1/stages-order', { keys: ['s2', 's1', 's3'] }])
  await screen.findByText('下一步')
  expect(screen.getByText('已停用')).toBeTruthy()
})

it('asks where the deals of a stage go before it is retired', async () => {
  const sent = shown(PipelinesPage, { status: 409, code: 'stage_in_use', zh: '还有 4 个在途商机' })
  fireEvent.click(button('停用', await rowOf('确认')))
  const asks = await dialog()
  fireEvent.click(button('停用', asks))
  await screen.findByText('还有 4 个在途商机')
  await choose(asks, '报价')
  fireEvent.click(button('停用', asks))
  await waitFor(() => expect(sent).toHaveLength(2))
  expect(sent.map(([, , body]) => body)).toEqual([{}, { to: 2 }])
  expect(screen.queryByTitle('旧阶段')).toBeNull()
})

it('puts own fields in order and adds one with a key of its English name', async () => {
  const sent = shown(FieldsPage)
  await screen.findByText('现场')
  fireEvent.click(button('上移 现场'))
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.[2]).toEqual({ record_type: 'deal', keys: ['site', 'grade'] })
  fireEvent.click(button('添加字段'))
  const drawer = await dialog()
  fireEvent.change(await find('#zh', drawer), { target: { value: '合同编号' } })
  fireEvent.change(await find('#en', drawer), { target: { value: 'Contract No.' } })
  const key = (await find('#key', drawer)) as HTMLInputElement
  await waitFor(() => expect(key.value).toBe('contract_no'))
  fireEvent.click(button('保存', drawer))
  await waitFor(() => expect(sent).toHaveLength(2))
  expect(sent[1]).toEqual([
    'POST',
    '/api/shape/fields',
    {
      record_type: 'deal',
      key: 'contract_no',
      type: 'text',
      zh: '合同编号',
      en: 'Contract No.',
      required: false,
      choices: [],
      target: '',
    },
  ])
})

it('shows what a role may do with a field, and gives it back', async () => {
  const sent = shown(FieldsPage)
  fireEvent.click(await screen.findByText('字段权限'))
  const row = await rowOf('金额')
  expect(plain(row.textContent)).toContain('不可见')
  await choose(row, '可见可改')
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.[2]).toEqual({ record_type: 'deal', field: 'amount', role: 'rep', level: null })
})

it('says which currency has no rate, and keeps pasted rates only when all lines are right', async () => {
  const sent = shown(CurrenciesPage)
  expect(plain((await rowOf('欧元')).textContent)).toContain('无汇率')
  expect(screen.getByText('7.12')).toBeTruthy()
  fireEvent.click(button('粘贴汇率'))
  const asks = await dialog()
  const box = await find('textarea', asks)
  fireEvent.change(box, { target: { value: 'EUR,2026-01-01,7.8\nUSD,2026-01-32,7' } })
  await screen.findByText('第 2 行：看不懂日期')
  expect(button('保存 1 条', asks).disabled).toBe(true)
  fireEvent.change(box, { target: { value: 'EUR,2026-01-01,7.8' } })
  fireEvent.click(button('保存 1 条', asks))
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.[2]).toEqual({ rates: [{ currency: 'EUR', from_on: '2026-01-01', rate: '7.8' }] })
})
