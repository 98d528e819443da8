import type { Schemas } from '@/shared/api'

type Mention = Schemas['MentionOut']

/** A note while it is written: people stand in it as @ and a label, which `named` says whose it is. */
export interface Draft {
  text: string
  named: ReadonlyMap<string, number>
}

export const EMPTY: Draft = { text: '', named: new Map() }

const TOKEN = /@\[(\d{1,18})\]/g

/** What to write for somebody: the name, and more where another is called the same. */
export function labelOf(
  person: { id: number; name: string; team?: string },
  named: ReadonlyMap<string, number>,
): string {
  const ways = [person.name, `${person.name}（${person.team || person.id}）`, `${person.name}#${person.id}`]
  return ways.find((way) => (named.get(way) ?? person.id) === person.id) ?? person.name
}

/** A kept note, to be written on. */
export function draftOf(note: { text: string; mentions: Mention[] }): Draft {
  const named = new Map<string, number>()
  const labels = new Map<number, string>()
  for (const person of note.mentions) {
    const label = labelOf(person, named)
    named.set(label, person.id)
    labels.set(person.id, label)
  }
  const text = note.text.replace(TOKEN, (token, id) => {
    const label = labels.get(Number(id))
    return label === undefined ? token : `@${label}`
  })
  return { text, named }
}

/** What is kept of a draft: people by their keys. */
export function keptText({ text, named }: Draft): string {
  if (named.size === 0) return text.trim()
  // The longest first: one name may begin with another.
  const labels = [...named.keys()].sort((a, b) => b.length - a.length)
  const any = new RegExp(`@(${labels.map(literally).join('|')})`, 'g')
  return text.replace(any, (_, label: string) => `@[${named.get(label)}]`).trim()
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/** A kept note in pieces: texts, and who is named between them. */
export function piecesOf(note: { text: string; mentions: Mention[] }): (string | Mention)[] {
  const byId = new Map(note.mentions.map((person) => [person.id, person]))
  const pieces: (string | Mention)[] = []
  let from = 0
  for (const found of note.text.matchAll(TOKEN)) {
    const person = byId.get(Number(found[1]))
    if (!person) continue
    pieces.push(note.text.slice(from, found.index), person)
    from = found.index + found[0].length
  }
  return [...pieces, note.text.slice(from)].filter((piece) => piece !== '')
}
