import { expect, test } from 'vitest'
import { readAmount, writeAmount } from './amount'
import { path } from './stages'

test.each([
  ['286万', '2860000'],
  ['¥1.2 亿', '120000000'],
  ['2,860,000', '2860000'],
  ['0.07', '0.07'],
  ['1.00', '1'],
  ['.5万', '5000'],
  ['3m', '3000000'],
  ['0', '0'],
])('%s reads as %s', (text, amount) => expect(readAmount(text)).toBe(amount))

test.each(['', '万', 'abc', '-5', '1.234', '999999999999999', '12吨', '1.2.3'])('%s is no amount', (text) =>
  expect(readAmount(text)).toBeNull(),
)

test('an amount is offered for editing as one would write it', () => {
  expect(writeAmount('2860000.00', true)).toBe('286万')
  expect(writeAmount('2865000.00', true)).toBe('286.5万')
  expect(writeAmount('2860000.00', false)).toBe('2860000')
  expect(writeAmount('12345.67', true)).toBe('12345.67')
  expect(readAmount(writeAmount('2861234.00', true))).toBe('2861234')
})

const stage = (position: number) => ({
  id: position,
  key: `s${position}`,
  zh: '',
  en: '',
  position,
  usual_days: null,
  category: 'pipeline' as const,
  requires: [],
  retired: false,
})

test('the path tells behind, now and ahead', () => {
  const deal = { stage: stage(2), stage_path: [stage(3), stage(1), stage(2)], status: 'open' as const }
  expect(path(deal).map((s) => s.state)).toEqual(['done', 'now', 'ahead'])
  expect(path({ ...deal, status: 'won' }).map((s) => s.state)).toEqual(['done', 'done', 'done'])
})
