import { describe, expect, it } from 'vitest'
import { changesBetween, type Rule, snippetOf } from './data'

const rule = (source: string, more: Partial<Rule> = {}): Rule => ({
  source,
  purpose: 'intent',
  basis: 'consent',
  days: 30,
  fields: { url: 'mask', title: 'keep' },
  kinds: [],
  ...more,
})

describe('changesBetween', () => {
  it('tells what comes, goes and changes, and nothing of what stays', () => {
    const found = changesBetween(
      [rule('web'), rule('form'), rule('link')],
      [rule('web', { fields: { title: 'keep', url: 'mask' } }), rule('form', { days: 7 }), rule('social')],
    )
    expect([...found]).toEqual([
      ['form', 'changed'],
      ['social', 'added'],
      ['link', 'removed'],
    ])
  })
})

describe('snippetOf', () => {
  it('loads the tracker from where signals come in', () => {
    expect(snippetOf('wss://sales.example.com/live', 'fsb_x')).toContain(
      'src="https://sales.example.com/t.js" data-key="fsb_x"',
    )
    expect(snippetOf('ws://127.0.0.1:8651/live', 'k')).toContain('src="http://127.0.0.1:8651/t.js"')
  })
})
