export interface Figure {
  path: string
  value: number | string | boolean
  low: number | null
  high: number | null
  n: number | null
}

const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** Whatever figures a model carries, as rows: nested names are joined, {value, low, high, n} is one figure. */
export function flat(figures: unknown, path = ''): Figure[] {
  if (typeof figures === 'number' || typeof figures === 'string' || typeof figures === 'boolean')
    return [{ path, value: figures, low: null, high: null, n: null }]
  if (typeof figures !== 'object' || figures === null || Array.isArray(figures)) return []
  const told = figures as Record<string, unknown>
  if ('value' in told) {
    const value = number(told.value)
    return value === null
      ? []
      : [{ path, value, low: number(told.low), high: number(told.high), n: number(told.n) }]
  }
  return Object.entries(told).flatMap(([key, inner]) => flat(inner, path ? `${path}.${key}` : key))
}
