import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { App } from 'antd'
import type { ComponentType } from 'react'
import { MemoryRouter } from 'react-router'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { setLanguage } from '@/shared/i18n'
import CurrenciesPage from './CurrenciesPage'
import FieldsPage from './FieldsPage'
import PipelinesPage from './PipelinesPage'

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

beforeAll(async () => {
  await setLanguage('zh')
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {},
  }))
})
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

it('moves a stage down, those out of use staying behind, and keeps the keyboard where it was', async () => {
  const sent = shown(PipelinesPage)
  const down = await screen.findByRole('button', { name: '下移 确认' })
  fireEvent.click(down)
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]).toEqual(['PUT', '/api/shape/pipelines/1/stages-order', { keys: ['s2', 's1', 's3'] }])
  await screen.findByText('下一步')
  expect(screen.getByText('已停用')).toBeTruthy()
})

it('asks where the deals of a stage go before it is retired', async () => {
  const sent = shown(PipelinesPage, { status: 409, code: 'stage_in_use', zh: '还有 4 笔进行中的商机' })
  const row = (await screen.findByText('确认')).closest('tr') as HTMLElement
  fireEvent.click(within(row).getByRole('button', { name: /停\s*用/ }))
  const dialog = await screen.findByRole('dialog')
  fireEvent.click(within(dialog).getByRole('button', { name: /停\s*用/ }))
  await within(dialog).findByText('还有 4 笔进行中的商机')
  fireEvent.mouseDown(within(dialog).getByRole('combobox'))
  fireEvent.click(await screen.findByTitle('报价'))
  fireEvent.click(within(dialog).getByRole('button', { name: /停\s*用/ }))
  await waitFor(() => expect(sent).toHaveLength(2))
  expect(sent.map(([, , body]) => body)).toEqual([{}, { to: 2 }])
  expect(screen.queryByTitle('旧阶段')).toBeNull()
})

it('puts own fields in order and adds one with a key of its English name', async () => {
  const sent = shown(FieldsPage)
  fireEvent.click(await screen.findByRole('button', { name: '上移 现场' }))
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.[2]).toEqual({ record_type: 'deal', keys: ['site', 'grade'] })
  fireEvent.click(screen.getByRole('button', { name: /添加字段/ }))
  const drawer = await screen.findByRole('dialog')
  fireEvent.change(within(drawer).getByLabelText('中文名称'), { target: { value: '合同编号' } })
  fireEvent.change(within(drawer).getByLabelText('英文名称'), { target: { value: 'Contract No.' } })
  await waitFor(() =>
    expect((within(drawer).getByLabelText('标识') as HTMLInputElement).value).toBe('contract_no'),
  )
  fireEvent.click(within(drawer).getByRole('button', { name: /保\s*存/ }))
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
  fireEvent.click(await screen.findByRole('tab', { name: '字段权限' }))
  const row = (await screen.findByText('金额')).closest('tr') as HTMLElement
  expect(within(row).getByText('不可见')).toBeTruthy()
  fireEvent.mouseDown(within(row).getByRole('combobox'))
  fireEvent.click(await screen.findByTitle('可见可改'))
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.[2]).toEqual({ record_type: 'deal', field: 'amount', role: 'rep', level: null })
})

it('says which currency has no rate, and keeps pasted rates only when all lines are right', async () => {
  const sent = shown(CurrenciesPage)
  const euro = (await screen.findByText('欧元')).closest('tr') as HTMLElement
  expect(within(euro).getByText('无汇率')).toBeTruthy()
  expect(screen.getByText('7.12')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: '粘贴汇率' }))
  const dialog = await screen.findByRole('dialog')
  const box = within(dialog).getByLabelText('要粘贴的汇率')
  fireEvent.change(box, { target: { value: 'EUR,2026-01-01,7.8\nUSD,2026-01-32,7' } })
  await within(dialog).findByText('第 2 行：看不懂日期')
  expect((within(dialog).getByRole('button', { name: '保存 1 条' }) as HTMLButtonElement).disabled).toBe(true)
  fireEvent.change(box, { target: { value: 'EUR,2026-01-01,7.8' } })
  fireEvent.click(within(dialog).getByRole('button', { name: '保存 1 条' }))
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.[2]).toEqual({ rates: [{ currency: 'EUR', from_on: '2026-01-01', rate: '7.8' }] })
})
