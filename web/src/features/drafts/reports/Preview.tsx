import { Fragment } from 'react'
import { Link } from 'react-router'
import { blocksOf, type Piece } from './markdown'
import styles from './Reports.module.css'

/** A report as it reads. */
export function Preview({ text }: { text: string }) {
  return (
    <div className={styles.preview}>
      {blocksOf(text).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
        <Fragment key={index}>{blockOf(block)}</Fragment>
      ))}
    </div>
  )
}

function blockOf(block: ReturnType<typeof blocksOf>[number]) {
  if (block.kind === 'list')
    return (
      <ul>
        {block.items.map((pieces, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
          <li key={index}>
            <Line pieces={pieces} />
          </li>
        ))}
      </ul>
    )
  const line = <Line pieces={block.pieces} />
  if (block.kind === 'text') return <p>{line}</p>
  if (block.level === 1) return <h2>{line}</h2>
  return block.level === 2 ? <h3>{line}</h3> : <h4>{line}</h4>
}

function Line({ pieces }: { pieces: Piece[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of a line have no other name
  return pieces.map((piece, index) => <Part key={index} piece={piece} />)
}

function Part({ piece: { text, bold, to } }: { piece: Piece }) {
  if (bold) return <b>{text}</b>
  if (!to) return text
  if (to.startsWith('/')) return <Link to={to}>{text}</Link>
  return (
    <a href={to} target="_blank" rel="noreferrer">
      {text}
    </a>
  )
}
