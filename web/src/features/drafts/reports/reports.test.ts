import dayjs from 'dayjs'
import { expect, test } from 'vitest'
import { blocksOf, piecesOf } from './markdown'
import { beginOf, moved, nameOf } from './periods'

test('a week begins on its Monday, a month on its first day', () => {
  const days = ['2026-03-02', '2026-03-04', '2026-03-08'].map((day) => beginOf('week', dayjs(day)))
  expect(days.map((day) => day.format('YYYY-MM-DD'))).toEqual(Array(3).fill('2026-03-02'))
  expect(beginOf('month', dayjs('2026-03-31')).format('YYYY-MM-DD')).toBe('2026-03-01')
  expect(moved('month', dayjs('2026-03-01'), -1).format('YYYY-MM-DD')).toBe('2026-02-01')
})

test('a period is called by its days', () => {
  const write = { day: (day: string) => day.slice(5), period: (month: string) => month }
  expect(nameOf('week', '2026-03-30', write)).toBe('03-30 – 04-05')
  expect(nameOf('month', '2026-03-01', write)).toBe('2026-03')
})

test('links lead into the product or the web, and nowhere else', () => {
  expect(piecesOf('- x')).toEqual([{ text: '- x' }])
  expect(piecesOf('[监测](/deals/1)：**赢单**')).toEqual([
    { text: '监测', to: '/deals/1' },
    { text: '：' },
    { text: '赢单', bold: true },
  ])
  for (const bad of ['javascript:alert(1)', '//evil.example', 'data:text/html,x'])
    expect(piecesOf(`[x](${bad})`).every(({ to }) => to === undefined)).toBe(true)
})

test('headings, lists and paragraphs are told apart; HTML is words', () => {
  const blocks = blocksOf('# 周报\n\n## 概要\n- 一\n- 二\n\n- 三\n<b>四</b>\n')
  expect(blocks.map(({ kind }) => kind)).toEqual(['heading', 'heading', 'list', 'list', 'text'])
  expect(blocks.at(-1)).toEqual({ kind: 'text', pieces: [{ text: '<b>四</b>' }] })
})
