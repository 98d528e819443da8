import { expect, test } from 'vitest'
import { draftOf, keptText, labelOf, piecesOf } from './mentions'

const zhang = { id: 12, name: '张伟', sees: true }
const other = { id: 7, name: '张伟', sees: true }
const longer = { id: 3, name: '张伟民', sees: false }

test('people are kept by key and come back by name, also where two are called alike', () => {
  const note = { text: '@[12] 与 @[7]、@[3] 看一下', mentions: [zhang, other, longer] }
  const draft = draftOf(note)
  expect(draft.text).toBe('@张伟 与 @张伟（7）、@张伟民 看一下')
  expect(keptText(draft)).toBe(note.text)
  expect(keptText({ ...draft, text: `${draft.text}，抄送 @李娜 ` })).toBe(`${note.text}，抄送 @李娜`)
})

test('a name that was taken out is no mention', () => {
  const draft = draftOf({ text: '@[12] 请看', mentions: [zhang] })
  expect(keptText({ ...draft, text: '张伟请看' })).toBe('张伟请看')
})

test('names with signs of their own are taken literally', () => {
  expect(keptText({ text: '@A. (B) x @AA (B)', named: new Map([['A. (B)', 5]]) })).toBe('@[5] x @AA (B)')
})

test('a label says more only where another has it', () => {
  const named = new Map([['张伟', 12]])
  expect(labelOf({ id: 12, name: '张伟', team: '华东' }, named)).toBe('张伟')
  expect(labelOf({ id: 7, name: '张伟', team: '西部' }, named)).toBe('张伟（西部）')
  expect(labelOf({ id: 7, name: '张伟', team: '西部' }, new Map([...named, ['张伟（西部）', 9]]))).toBe(
    '张伟#7',
  )
})

test('whom nobody knows stays as it was written', () => {
  expect(piecesOf({ text: '见 @[9]，@[12]', mentions: [zhang] })).toEqual(['见 @[9]，', zhang])
  expect(draftOf({ text: '@[9]', mentions: [] }).text).toBe('@[9]')
})
