import { describe, expect, it } from 'vitest'
import { type Asset, chosen, named } from './data'

const asset = (id: number, more: Partial<Asset> = {}): Asset => ({
  id,
  title: `资料${id}`,
  summary: '',
  language: 'zh',
  url: 'https://example.com',
  personas: [],
  stages: [],
  topics: [],
  competitors: [],
  industries: [],
  active: true,
  owner: { id: 1, name: '冯' },
  changed_at: '2026-03-02T00:00:00Z',
  deals: 0,
  opened: 0,
  ...more,
})

describe('the library', () => {
  const all = [
    asset(1, { stages: ['quote'], industries: ['锂电'] }),
    asset(2, { title: 'Servo guide', language: 'en' }),
    asset(3, { stages: ['solution'], industries: ['光伏', '锂电'] }),
  ]
  const keys = (wanted: Parameters<typeof chosen>[1]) => chosen(all, wanted).map(({ id }) => id)

  it('takes what names nothing as being for all', () => {
    expect(keys({})).toEqual([1, 2, 3])
    expect(keys({ stages: 'quote' })).toEqual([1, 2])
    expect(keys({ industries: '锂电', language: 'zh' })).toEqual([1, 3])
    expect(keys({ q: ' SERVO ' })).toEqual([2])
  })

  it('offers each value once', () => {
    expect(named(all, 'industries')).toEqual(['光伏', '锂电'])
  })
})
