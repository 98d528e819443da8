import { useState } from 'react'
import type { Place } from './RecordsTable'

const NOBODY: ReadonlySet<number> = new Set()
const NOWHERE: Place = { row: -1, column: 0 }

/** A cell that is being edited. */
export interface Editing {
  id: number
  field: string
}

/** Where somebody is in a list, what they edit, and what they chose. Another question `asked` is a list of its own. */
export function useMarks(asked: string) {
  const [at, setAt] = useState<Place>(NOWHERE)
  const [editing, setEditing] = useState<Editing | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<number>>(NOBODY)
  /** Chosen is also what is not loaded. */
  const [everything, setEverything] = useState(false)
  const choose = (ids: ReadonlySet<number>, all = false) => {
    setSelected(ids)
    setEverything(all)
  }
  const [answered, setAnswered] = useState(asked)
  if (answered !== asked) {
    // Another question: what was chosen of the answer before is none of this one.
    setAnswered(asked)
    setAt(NOWHERE)
    setEditing(null)
    choose(NOBODY)
  }
  return {
    at,
    setAt,
    leave: () => setAt(NOWHERE),
    editing,
    setEditing,
    selected,
    everything,
    choose,
    clear: () => choose(NOBODY),
  }
}

export type Marks = ReturnType<typeof useMarks>
