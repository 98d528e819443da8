import { describe, expect, it } from 'vitest'
import { formatsOf, numberOf } from './format'

const zh = formatsOf('zh', 'Asia/Shanghai')
const en = formatsOf('en', 'Asia/Shanghai')
const NOW = new Date('2026-11-23T02:00:00Z') // 10:00 in Shanghai

describe('money', () => {
  it.each([
    ['0', '¥0', '¥0'],
    ['950.4', '¥950', '¥950'],
    ['9999', '¥9,999', '¥10K'],
    ['10000', '¥1万', '¥10K'],
    ['286000', '¥28.6万', '¥286K'],
    ['2860000.00', '¥286万', '¥2.86M'],
    ['12000000', '¥1,200万', '¥12M'],
    ['99994999', '¥9,999万', '¥100M'],
    ['123000000', '¥1.23亿', '¥123M'],
    ['12345678901', '¥123亿', '¥12.3B'],
    ['-80000', '−¥8万', '−¥80K'],
    ['-0.2', '¥0', '¥0'],
  ])('writes %s as %s and %s', (amount, chinese, english) => {
    expect(zh.money(amount)).toBe(chinese)
    expect(en.money(amount)).toBe(english)
  })

  it('goes on to the next unit where rounding reaches it', () => {
    expect(zh.money('99995000')).toBe('¥1亿')
    expect(zh.money('9999.6')).toBe('¥1万')
    expect(en.money('999999')).toBe('¥1M')
  })

  it('says other currencies the same way in both languages', () => {
    expect(zh.money('2860000', 'USD')).toBe('US$286万')
    expect(en.money('2860000', 'JPY')).toBe('JP¥2.86M')
  })

  it('keeps every cent of amounts that no double holds', () => {
    expect(zh.moneyExact('12345678901234567.89')).toBe('¥12,345,678,901,234,567.89')
    expect(zh.moneyExact('-5')).toBe('−¥5.00')
  })

  it('has a dash for what is not there', () => {
    expect(zh.money(null)).toBe('—')
    expect(zh.moneyExact(undefined)).toBe('—')
    expect(numberOf('')).toBeNull()
  })
})

describe('shares', () => {
  it('never calls certain what is not', () => {
    expect(zh.percent(0.46)).toBe('46%')
    expect(zh.percent(0.998)).toBe('>99%')
    expect(zh.percent(0.001)).toBe('<1%')
    expect(zh.percent(0.9999, 1)).toBe('>99.9%')
    expect(zh.percent(1)).toBe('100%')
    expect(zh.percent(0)).toBe('0%')
    expect(zh.percent(null)).toBe('—')
  })

  it('writes changes with their sign', () => {
    expect(zh.points(0.06)).toBe('+6')
    expect(zh.points(-0.08)).toBe('−8')
    expect(zh.points(-0.004)).toBe('0')
    expect(zh.points(0.004, 1)).toBe('+0.4')
  })

  it('groups thousands', () => {
    expect(zh.number(1284)).toBe('1,284')
    expect(en.number(-1284.5, 1)).toBe('−1,284.5')
  })
})

describe('time', () => {
  it('shows instants in the zone of the reader', () => {
    expect(zh.moment('2026-11-23T01:12:00Z', NOW)).toBe('今天 09:12')
    expect(zh.moment('2026-11-22T15:59:00Z', NOW)).toBe('昨天 23:59')
    expect(zh.moment('2026-11-22T16:00:00Z', NOW)).toBe('今天 00:00')
    expect(zh.moment('2026-11-20T07:05:00Z', NOW)).toBe('11/20 15:05')
    expect(zh.moment('2025-12-31T16:30:00Z', NOW)).toBe('1/1 00:30')
    expect(en.moment('2026-11-24T01:00:00Z', NOW)).toBe('Tomorrow 09:00')
    expect(en.moment('2026-11-20T07:05:00Z', NOW)).toBe('Nov 20, 15:05')
  })

  it('leaves days alone, in whatever zone', () => {
    const west = formatsOf('zh', 'America/Los_Angeles')
    expect(west.day('2026-12-18', NOW)).toBe('12/18')
    expect(west.day('2027-01-08', NOW)).toBe('2027/1/8')
    expect(west.full('2026-12-18')).toBe('2026年12月18日')
    expect(en.day('2026-12-18', NOW)).toBe('Dec 18')
  })

  it('says how long ago', () => {
    expect(zh.relative('2026-11-23T01:59:30Z', NOW)).toBe('刚刚')
    expect(zh.relative('2026-11-23T01:57:00Z', NOW)).toBe('3分钟前')
    expect(zh.relative('2026-11-21T02:00:00Z', NOW)).toBe('2天前')
    expect(en.relative('2026-11-25', NOW)).toBe('in 2 days')
    expect(zh.relative('2026-11-23', NOW)).toBe('今天')
  })

  it('names periods', () => {
    expect(zh.period('2026-11')).toBe('2026年11月')
    expect(zh.period('2026Q4')).toBe('2026年第4季度')
    expect(en.period('2026-11')).toBe('Nov 2026')
    expect(en.period('2026Q4')).toBe('Q4 2026')
  })
})
