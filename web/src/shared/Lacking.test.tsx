import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { choosable } from './choices'
import { setLanguage } from './i18n'
import { Lacking, lackingOf } from './Lacking'

beforeAll(() => setLanguage('zh'))
afterEach(cleanup)

it('says how many deals of which currency a sum leaves out', () => {
  render(<Lacking lacking={lackingOf([{ lacking: [] }])} />)
  expect(document.body.textContent).toBe('')
  const groups = [
    { lacking: [{ currency: 'EUR', count: 1 }] },
    {
      lacking: [
        { currency: 'USD', count: 2 },
        { currency: 'EUR', count: 2 },
      ],
    },
  ]
  render(<Lacking lacking={lackingOf(groups)} />)
  expect(screen.getByText('另有 3 笔欧元、2 笔美元商机没有汇率，未计入合计')).toBeTruthy()
})

it('does not name a currency that is not told', () => {
  render(<Lacking lacking={[{ currency: '', count: 4 }]} />)
  expect(screen.getByText('另有 4 笔其他币种商机没有汇率，未计入合计')).toBeTruthy()
})

it('offers choices that are in use, and one out of use only where it is chosen', () => {
  const choice = (key: string, retired = false) => ({ key, zh: key, en: key, retired })
  const all = [choice('a'), choice('b', true), choice('c', true)]
  const keys = (value: unknown) => choosable(all, value).map(({ key }) => key)
  expect(keys(null)).toEqual(['a'])
  expect(keys('b')).toEqual(['a', 'b'])
  expect(keys(['a', 'c'])).toEqual(['a', 'c'])
})
