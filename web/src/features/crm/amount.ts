const UNITS: Record<string, number> = {
  '': 0,
  万: 4,
  万元: 4,
  w: 4,
  亿: 8,
  亿元: 8,
  元: 0,
  k: 3,
  m: 6,
  bn: 9,
}

/** Move the decimal point of plain digits `places` to the right, exactly. */
function shifted(digits: string, places: number): string {
  const [whole = '', part = ''] = digits.split('.')
  const moved = part.padEnd(places, '0')
  const rest = moved.slice(places).replace(/0+$/, '')
  const front = (whole + moved.slice(0, places)).replace(/^0+(?=\d)/, '') || '0'
  return rest ? `${front}.${rest}` : front
}

/** Read an amount as people write it ("286万", "1.2 亿", "2,860,000", "3m") into plain digits; null if it is none. */
export function readAmount(text: string): string | null {
  const found = /^[¥￥$€]?(\d+(?:\.\d*)?|\.\d+)(.*)$/.exec(text.replaceAll(/[\s,，]/g, ''))
  const places = found ? UNITS[(found[2] ?? '').toLowerCase()] : undefined
  if (!found || places === undefined) return null
  const value = shifted(found[1] ?? '', places)
  const [whole = '', part = ''] = value.split('.')
  return part.length > 2 || whole.length > 14 ? null : value
}

/** What to put into the box when an amount is edited: whole 万 as 万, else the digits. */
export function writeAmount(amount: string, zh: boolean): string {
  const value = Number(amount)
  if (zh && value >= 10_000 && Number.isInteger(value / 100)) return `${value / 10_000}万`
  return String(value)
}
