import { describe, expect, it } from 'vitest'
import { kindAt } from './kinds'
import { readableSize, readNumber, same, sent } from './values'

describe('values', () => {
  it('are sent as the server takes them', () => {
    expect(sent({ id: 7, name: '晨光' })).toBe(7)
    expect(sent(['a'])).toEqual(['a'])
    expect(sent(null)).toBeNull()
  })

  it('are the same where nothing is entered in whatever way', () => {
    expect(same('', null)).toBe(true)
    expect(same([], null)).toBe(true)
    expect(same({ id: 7, name: 'a' }, { id: 7, name: 'b' })).toBe(true)
    expect(same(false, null)).toBe(false)
    expect(same('1', '2')).toBe(false)
  })

  it('are read from what people type', () => {
    expect(readNumber('money', '28.6万')).toBe('286000')
    expect(readNumber('number', '1,234.5')).toBe('1234.5')
    expect(readNumber('number', ' ')).toBeNull()
    expect(readNumber('number', '12abc')).toBeUndefined()
    expect(readNumber('money', '-3')).toBeUndefined()
  })

  it('say how large a file is', () => {
    expect(readableSize(900)).toBe('900 B')
    expect(readableSize(1536)).toBe('1.5 KB')
    expect(readableSize(25 * 2 ** 20)).toBe('25.0 MB')
  })
})

it('a path says what kind of record it is about', () => {
  expect(kindAt('/accounts/12')).toBe('account')
  expect(kindAt('/leads')).toBe('lead')
  expect(kindAt('/forecasts')).toBeNull()
  expect(kindAt('/tasks')).toBeNull()
})
