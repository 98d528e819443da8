import { describe, expect, it } from 'vitest'

type Texts = { [key: string]: string | Texts }

const files = import.meta.glob<Texts>('../**/locales/*.json', { eager: true, import: 'default' })
const folders = [...new Set(Object.keys(files).map((path) => path.replace(/[^/]+$/, '')))]

/** Keys with their texts, plural forms under one key. */
function flat(texts: Texts, before = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') found.set(before + key.replace(/_(zero|one|other)$/, ''), value)
    else for (const [inner, text] of flat(value, `${before}${key}.`)) found.set(inner, text)
  }
  return found
}

const blanks = (text = '') =>
  [...new Set(text.match(/\{\{\s*\w+/g)?.map((blank) => blank.replace(/\W/g, '')))].sort()

describe.each(folders)('%s', (folder) => {
  const zh = flat(files[`${folder}zh.json`] ?? {})
  const en = flat(files[`${folder}en.json`] ?? {})

  it('has the same keys in both languages', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort())
  })

  it('fills in the same values in both languages', () => {
    const differ = [...zh].filter(([key, text]) => String(blanks(text)) !== String(blanks(en.get(key))))
    expect(differ.map(([key]) => key)).toEqual([])
  })

  it('has no empty text, and no Latin comma or full stop after a Chinese sign', () => {
    const odd = [...zh].filter(([, text]) => !text.trim() || /[\u4e00-\u9fff][,.;:?!]/.test(text))
    expect(odd.map(([key]) => key)).toEqual([])
  })
})
