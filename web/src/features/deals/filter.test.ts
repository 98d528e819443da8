import { expect, it } from 'vitest'
import { narrows, queryOf, readFilter, writeFilter } from './filter'

const read = (search: string) => readFilter(new URLSearchParams(search))

it('shows open deals, newest first, and keeps a short address', () => {
  expect(read('')).toEqual({ q: '', status: 'open', sort: '-opened_at' })
  expect(String(writeFilter(read('')))).toBe('')
  expect(queryOf(read(''))).toEqual({ status: 'open', sort: '-opened_at', limit: 50 })
})

it('comes back from the address as it went in', () => {
  const search = 'q=%E5%8D%8E%E4%B8%9C&status=won&sort=-amount&pipeline=1&stage=4&owner=7&account=3'
  expect(String(writeFilter(read(search)))).toBe(search)
})

it('asks for every status by not asking for one', () => {
  expect(queryOf(read('status=all'))).toEqual({ sort: '-opened_at', limit: 50 })
})

it('takes nonsense in an address as not there', () => {
  expect(read('status=lost%20cause&sort=name&owner=me&stage=-1&account=1e99')).toEqual(read(''))
})

it('knows what leaves deals out', () => {
  expect(narrows(read('status=won'))).toBe(false)
  expect(narrows(read('owner=2'))).toBe(true)
  expect(narrows(read('q=x'))).toBe(true)
})
