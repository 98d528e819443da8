import { describe, expect, it } from 'vitest'
import { formatsOf } from '@/shared/format'
import { type Field, firstChoice, linesOf, said } from './data'

const field = (key: string, more: Partial<Field> = {}): Field => ({
  key,
  kind: 'text',
  zh: key,
  en: key,
  required: false,
  changeable: true,
  askable: true,
  sortable: true,
  custom: false,
  longest: 100,
  choices: [],
  target: '',
  operators: [],
  groupable: false,
  share: false,
  currency: null,
  ...more,
})
const FIELDS = [
  field('name'),
  field('phone'),
  field('owner', { kind: 'person', changeable: false }),
  field('level', { kind: 'choice', choices: [{ key: 'key', zh: '重点', en: 'Key', retired: false }] }),
  field('tags', { kind: 'tags' }),
  field('address'),
  field('changed_at', { kind: 'datetime' }),
]
const PAIR = {
  low: {
    id: 1,
    title: '晨光电力',
    values: {
      name: '晨光电力',
      phone: null,
      owner: { id: 7, name: '李' },
      level: 'key',
      tags: ['a'],
      address: '',
    },
  },
  high: {
    id: 2,
    title: '晨光电力集团',
    values: {
      name: '晨光电力集团',
      phone: '021',
      owner: { id: 7, name: '李四' },
      level: 'key',
      tags: [],
      address: null,
    },
  },
}

describe('what two records say', () => {
  const lines = linesOf(PAIR, FIELDS)

  it('leaves out what both lack, and knows a person by the key', () => {
    expect(lines.map(({ field: { key }, differs }) => [key, differs])).toEqual([
      ['name', true],
      ['phone', true],
      ['owner', false],
      ['level', false],
      ['tags', true],
    ])
  })

  it('lets choose what can be changed, but unites tags', () => {
    expect(lines.filter(({ choosable }) => choosable).map(({ field: { key } }) => key)).toEqual([
      'name',
      'phone',
    ])
  })

  it('chooses what the kept record says, and the other where it says nothing', () => {
    expect(lines.map((line) => firstChoice(line, 'low'))).toEqual(['low', 'high', 'low', 'low', 'low'])
    expect(lines.map((line) => firstChoice(line, 'high'))).toEqual(['high', 'high', 'high', 'high', 'low'])
  })

  it('says choices in words', () => {
    const words = lines.map((line) => said(line.field, line.low, formatsOf('en'), ({ en }) => en))
    expect(words).toEqual(['晨光电力', '', '李', 'Key', 'a'])
  })
})
