import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { setLanguage } from '@/shared/i18n'
import type { Collecting, Rule } from './data'
import { Rules } from './Rules'

beforeAll(() => setLanguage('zh'))
afterEach(cleanup)

const named = (key: string, zh: string) => ({ key, zh, en: key })
const collecting = {
  purposes: [named('intent', '意向分析')],
  bases: [named('consent', '同意'), named('contract', '合同')],
  sources: [
    {
      ...named('web', '官网'),
      fields: [named('url', '地址'), named('title', '标题'), named('query', '搜索词')],
    },
    { ...named('link', '链接'), fields: [named('url', '地址')] },
  ],
} as unknown as Collecting
const rule = (source: string, more: Partial<Rule> = {}): Rule => ({
  source,
  purpose: 'intent',
  basis: 'consent',
  days: 90,
  fields: { url: 'mask', title: 'keep' },
  kinds: [],
  ...more,
})

it('tells who approves what each rule is and what it was', () => {
  const after = rule('web', { days: 180, basis: 'contract', fields: { url: 'keep', query: 'mask' } })
  render(<Rules rules={[after]} before={[rule('web'), rule('link')]} collecting={collecting} />)
  const text = document.body.textContent ?? ''
  expect(text).toContain('180 天原：90 天')
  expect(text).toContain('合同原：同意')
  expect(text).not.toContain('原：意向分析')
  expect(text).toContain('地址原：脱敏')
  expect(text).toContain('搜索词（脱敏）原：不采集')
  expect(text).toContain('标题（不采集）原：保留')
  expect(screen.getByText('不再采集').closest('[data-gone]')?.textContent).toContain('90 天')
})

it('says nothing of before where nothing is compared', () => {
  render(<Rules rules={[rule('web')]} collecting={collecting} />)
  expect(document.body.textContent).not.toContain('原：')
})
