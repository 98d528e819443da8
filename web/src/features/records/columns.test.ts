import { describe, expect, it } from 'vitest'
import { moved, readWidths, writeWidths } from './columns'

describe('widths', () => {
  it('come back from an address as they went in', () => {
    const widths = { name: 300, amount: 120 }
    expect(writeWidths(widths)).toBe('name:300,amount:120')
    expect(readWidths(writeWidths(widths))).toEqual(widths)
    expect(readWidths('')).toEqual({})
  })

  it('are never too small to be widened again', () => {
    expect(readWidths('name:1,amount:9999,x,y:,z:-3')).toEqual({ name: 60, amount: 640 })
  })
})

describe('a column', () => {
  const columns = ['name', 'account', 'amount', 'owner']

  it('goes to where it is dropped', () => {
    expect(moved(columns, 'owner', { key: 'account', side: 'before' })).toEqual([
      'name',
      'owner',
      'account',
      'amount',
    ])
    expect(moved(columns, 'account', { key: 'amount', side: 'after' })).toEqual([
      'name',
      'amount',
      'account',
      'owner',
    ])
  })

  it('never stands before the name', () => {
    expect(moved(columns, 'owner', { key: 'name', side: 'before' })[0]).toBe('name')
  })
})
