export type Widths = Readonly<Record<string, number>>

/** In pixels; the server keeps no others. */
export const NARROWEST = 60
export const WIDEST = 640

export const within = (width: number): number => Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)))

/** Read widths as addresses have them: name:300,amount:120. What is none is as if it were not there. */
export function readWidths(text: string): Widths {
  const parts = text.split(',').map((part) => /^(\w+):(\d{1,4})$/.exec(part))
  return Object.fromEntries(parts.flatMap((part) => (part?.[1] ? [[part[1], within(Number(part[2]))]] : [])))
}

export const writeWidths = (widths: Widths): string =>
  Object.entries(widths)
    .map(([key, width]) => `${key}:${width}`)
    .join(',')

/** Where a dragged column may come to stand, beside another. */
export interface Drop {
  key: string
  side: 'before' | 'after'
}

/** Put a column beside another. The name stays first: it leads to the record. */
export function moved(columns: readonly string[], key: string, { key: beside, side }: Drop): string[] {
  const others = columns.filter((one) => one !== key)
  const place = others.indexOf(beside) + (side === 'after' ? 1 : 0)
  const first = others[0] === 'name' ? 1 : 0
  return others.toSpliced(Math.max(first, place), 0, key)
}
