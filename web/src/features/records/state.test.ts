import { describe, expect, it } from 'vitest'
import { dealsOfAccount, listAddress } from './address'
import { KINDS } from './kinds'
import { baseOf, differs, type ListState, narrows, readState, settingsOf, writeState } from './state'

const deal = KINDS.deal
const usual = baseOf(deal)
const read = (search: string, base = usual) => readState(new URLSearchParams(search), deal, base)
const write = (state: ListState, base = usual, before = '') =>
  String(writeState(state, base, new URLSearchParams(before)))
const MINE = { all: [{ field: 'owner', op: 'in', value: ['me'] }] }

describe('an address', () => {
  it('is short where nothing is unusual', () => {
    expect(read('')).toEqual(usual)
    expect(write(read(''))).toBe('')
    expect(differs(read(''), usual)).toBe(false)
  })

  it('comes back as it went in', () => {
    const state: ListState = {
      view: 7,
      where: MINE,
      q: '华东 & 苏州',
      sort: '-amount',
      columns: ['name', 'amount'],
      widths: { name: 320, amount: 100 },
      group: 'owner',
      layout: 'board',
      density: 'compact',
      pipeline: 3,
    }
    expect(read(write(state))).toEqual(state)
  })

  it('keeps what is not of the list', () => {
    expect(write({ ...usual, q: 'x' }, usual, 'open=12')).toBe('open=12&q=x')
  })

  it('takes nonsense as not there', () => {
    const odd = 'where=%7B&sort=a%20b&columns=,,&layout=cube&density=3&pipeline=-1&view=1e99'
    expect(read(odd)).toEqual(usual)
  })

  it('has no board of what has none', () => {
    expect(readState(new URLSearchParams('layout=board'), KINDS.account, baseOf(KINDS.account)).layout).toBe(
      'table',
    )
  })
})

describe('a saved view', () => {
  const settings = { ...settingsOf(usual), where: MINE as never, sort: '-amount', layout: 'board' as const }
  const base = baseOf(deal, settings)

  it('is the base of what the address changes', () => {
    expect(read('view=7', base)).toEqual({ ...base, view: 7 })
    expect(write({ ...base, view: 7 }, base)).toBe('view=7')
    expect(differs(read('view=7', base), base)).toBe(false)
    expect(differs(read('view=7&sort=amount', base), base)).toBe(true)
  })

  it('can be asked without its own condition', () => {
    const none = { ...base, view: 7, where: { all: [] } }
    expect(read(write(none, base), base)).toEqual(none)
    const wide = { ...base, widths: { name: 320 } }
    expect(read(write({ ...wide, widths: {} }, wide), wide).widths).toEqual({})
  })

  it('keeps what a list shows', () => {
    expect(baseOf(deal, settingsOf({ ...base, q: 'x', columns: ['name'] }))).toEqual({
      ...base,
      q: 'x',
      columns: ['name'],
    })
  })
})

it('knows what leaves records out', () => {
  expect(narrows(usual, deal)).toBe(false)
  expect(narrows({ ...usual, where: { all: [] } }, deal)).toBe(false)
  expect(narrows({ ...usual, where: MINE }, deal)).toBe(true)
  expect(narrows({ ...usual, q: 'x' }, deal)).toBe(true)
})

it('leads others to a list', () => {
  expect(listAddress('deal')).toBe('/deals')
  const found = new URL(`http://x${dealsOfAccount(5)}`)
  expect(read(found.search.slice(1)).where).toEqual({ all: [{ field: 'account', op: 'in', value: [5] }] })
  const all = new URL(`http://x${listAddress('deal', { q: '泵', everything: true })}`)
  expect(read(all.search.slice(1))).toMatchObject({ q: '泵', where: { all: [] } })
})
