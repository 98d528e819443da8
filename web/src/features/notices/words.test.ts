import { describe, expect, it } from 'vitest'
import type { Translate } from '@/shared/i18n'
import type { Notification } from './data'
import zh from './locales/zh.json'
import { leadsTo, saying } from './words'

const t = ((key: string, values: Record<string, unknown> = {}) => {
  const text = key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], zh)
  return String(text).replace(/{{(\w+)}}/g, (_, name) => String(values[name]))
}) as Translate<typeof zh>

const told = (more: Partial<Notification>): Notification => ({
  id: 1,
  kind: 'given',
  record_type: 'deal',
  record: { id: 7, name: '监测系统' },
  more: 0,
  times: 1,
  task: null,
  said: '',
  actor: '赵强',
  at: '2026-03-02T09:00:00Z',
  read: false,
  ...more,
})

describe('what a notification says', () => {
  it('names one record, and counts many', () => {
    expect(saying(told({}), t)).toBe('转给您负责：商机“监测系统”')
    expect(saying(told({ more: 4 }), t)).toBe('转给您负责：“监测系统”等 5 个商机')
    expect(saying(told({ kind: 'mention' }), t)).toBe('备注里提到了您：商机“监测系统”')
    expect(saying(told({ kind: 'verdict', said: 'lost' }), t)).toBe('定论“将输”：监测系统')
    expect(saying(told({ kind: 'doubt', said: 'departure', record_type: 'contact' }), t)).toBe(
      '可能已离职：监测系统',
    )
  })

  it('counts tasks on one record and on several', () => {
    expect(saying(told({ kind: 'task', task: '补充报价' }), t)).toBe('新任务：补充报价')
    expect(saying(told({ kind: 'task', task: '补充报价', times: 2, more: 1 }), t)).toBe('3 项新任务')
  })

  it('names nothing that may no longer be seen, and leads nowhere', () => {
    for (const kind of [
      'given',
      'shared',
      'taken',
      'verdict',
      'alert',
      'imported',
      'doubt',
      'mention',
    ] as const) {
      const hidden = told({ kind, record: null, record_type: kind === 'imported' ? 'import' : 'lead' })
      expect(saying(hidden, t)).not.toContain('undefined')
      expect(saying(hidden, t)).not.toContain('“')
      expect(leadsTo(hidden)).toBeNull()
    }
  })

  it('leads to its record', () => {
    expect(leadsTo(told({}))).toBe('/deals/7')
    expect(leadsTo(told({ kind: 'mention', record_type: 'account' }))).toBe('/accounts/7?tab=notes')
    expect(leadsTo(told({ kind: 'imported', record_type: 'import' }))).toBe('/imports/7')
    expect(leadsTo(told({ kind: 'summary', record: null }))).toBeNull()
  })
})
