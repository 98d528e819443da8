import { describe, expect, it } from 'vitest'
import { keyOf, moved, withKeys } from './order'
import { isRate, readRates, short } from './rates'

describe('pasted rates', () => {
  it('are read with commas or tabs, headings, and days as people write them', () => {
    const text =
      '币种,起始日期,汇率\nusd, 2026-01-01 ,7.12\n\nEUR\t2026/2/3\t7.8\r\n"JPY";"2026年12月31日";0.0456789012\nHKD，2026.3.1，0.91'
    expect(readRates(text, 'CNY')).toEqual({
      rates: [
        { currency: 'USD', from_on: '2026-01-01', rate: '7.12' },
        { currency: 'EUR', from_on: '2026-02-03', rate: '7.8' },
        { currency: 'JPY', from_on: '2026-12-31', rate: '0.0456789012' },
        { currency: 'HKD', from_on: '2026-03-01', rate: '0.91' },
      ],
      wrong: [],
    })
  })

  it('say of each wrong line why, and take none of it', () => {
    const text = [
      'USD,2026-01-01,7.1',
      'USD,2026-01-01,7.2',
      'US,2026-01-01,7.1',
      'EUR,2026-02-30,7.8',
      'EUR,2026-02-20,0',
      'EUR,2026-02-20,1.12345678901',
      'EUR,2026-02-20',
      'CNY,2026-02-20,1',
    ].join('\n')
    const { rates, wrong } = readRates(text, 'CNY')
    expect(rates).toHaveLength(1)
    expect(wrong).toEqual([
      { line: 2, why: 'twice' },
      { line: 3, why: 'currency' },
      { line: 4, why: 'day' },
      { line: 5, why: 'rate' },
      { line: 6, why: 'rate' },
      { line: 7, why: 'shape' },
      { line: 8, why: 'house' },
    ])
  })

  it('do not take a first line with a day for headings', () => {
    expect(readRates('XX,2026-01-01,7', 'CNY').wrong).toEqual([{ line: 1, why: 'currency' }])
  })

  it('are digits, and lose only zeros', () => {
    expect(['7', '7.1', '0.0000000001', '999999999.9999999999'].every(isRate)).toBe(true)
    expect(['0', '0.0', '-7', '7e3', '7,1', '1000000000', ''].some(isRate)).toBe(false)
    expect(['7.1000000000', '7.0000000000', '100', '0.0456789012'].map(short)).toEqual([
      '7.1',
      '7',
      '100',
      '0.0456789012',
    ])
  })
})

describe('an order', () => {
  it('moves one up or down, and nothing over the edge', () => {
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b', 'c'], 1, 1)).toEqual(['a', 'c', 'b'])
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c'])
  })
})

describe('keys', () => {
  it('come of English names, each once', () => {
    expect(keyOf('Contract value (CNY)')).toBe('contract_value_cny')
    expect(keyOf('3D Model', ['d_model'])).toBe('d_model_2')
    expect(keyOf('合同')).toBe('')
  })

  it('stay with choices that have one', () => {
    const choices = [{ key: 'old', en: 'New name' }, { en: 'New name' }, { en: 'New name' }, { en: '甲' }]
    expect(withKeys(choices).map(({ key }) => key)).toEqual(['old', 'new_name', 'new_name_2', 'choice_4'])
  })
})
