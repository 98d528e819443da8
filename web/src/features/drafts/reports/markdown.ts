/** A part of a line: plain words, bold ones, or a link. */
export type Piece = { text: string; bold?: boolean; to?: string }

export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; pieces: Piece[] }
  | { kind: 'list'; items: Piece[][] }
  | { kind: 'text'; pieces: Piece[] }

const INLINE = /\[([^\]]*)\]\(([^)\s]+)\)|\*\*([^*]+)\*\*/g
const SAFE = /^(?:\/(?!\/)|https?:\/\/|mailto:)/

/** What reports are written in: headings, lists, links and bold words. All else is words; there is no HTML. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  for (const line of text.split('\n')) {
    const heading = /^(#{1,3})\s+(.*)$/.exec(line)
    const item = /^\s*[-*]\s+(.*)$/.exec(line)
    const last = blocks.at(-1)
    if (heading)
      blocks.push({
        kind: 'heading',
        level: (heading[1] ?? '#').length as 1 | 2 | 3,
        pieces: piecesOf(heading[2] ?? ''),
      })
    else if (item) {
      if (last?.kind === 'list') last.items.push(piecesOf(item[1] ?? ''))
      else blocks.push({ kind: 'list', items: [piecesOf(item[1] ?? '')] })
    } else if (line.trim()) blocks.push({ kind: 'text', pieces: piecesOf(line) })
    else if (last?.kind === 'list') blocks.push({ kind: 'text', pieces: [] })
  }
  return blocks.filter((block) => block.kind !== 'text' || block.pieces.length > 0)
}

export function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const found of line.matchAll(INLINE)) {
    if (found.index > from) pieces.push({ text: line.slice(from, found.index) })
    const [whole, name, to, bold] = found
    if (bold !== undefined) pieces.push({ text: bold, bold: true })
    else if (to && SAFE.test(to)) pieces.push({ text: name ?? '', to })
    else pieces.push({ text: whole })
    from = found.index + whole.length
  }
  if (from < line.length) pieces.push({ text: line.slice(from) })
  return pieces
}
