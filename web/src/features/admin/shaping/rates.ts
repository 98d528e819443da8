/** Rates as people paste them, line by line: USD, 2026-01-01, 7.12. From a spreadsheet they come with tabs. */

export interface Rate {
  currency: string
  from_on: string
  rate: string
}

export interface Wrong {
  line: number
  why: 'shape' | 'currency' | 'day' | 'rate' | 'house' | 'twice'
}

const CURRENCY = /^[A-Z]{3}$/
const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/

export function readRates(text: string, house: string): { rates: Rate[]; wrong: Wrong[] } {
  const rates: Rate[] = []
  const wrong: Wrong[] = []
  const seen = new Set<string>()
  let first = true
  for (const [place, line] of text.split(/\r?\n/).entries()) {
    if (!line.trim()) continue
    const cells = line.split(/[\t,;，；]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    const found = readRate(cells, house)
    // A line of headings has neither a day nor a rate.
    if (typeof found === 'string') {
      if (!first || cells.some((cell) => DAY.test(cell))) wrong.push({ line: place + 1, why: found })
    } else if (seen.has(`${found.currency} ${found.from_on}`)) wrong.push({ line: place + 1, why: 'twice' })
    else {
      seen.add(`${found.currency} ${found.from_on}`)
      rates.push(found)
    }
    first = false
  }
  return { rates, wrong }
}

function readRate(cells: string[], house: string): Rate | Wrong['why'] {
  const [name = '', day = '', value = '', ...more] = cells
  if (!name || !day || !value || more.some(Boolean)) return 'shape'
  const currency = name.toUpperCase()
  if (!CURRENCY.test(currency)) return 'currency'
  if (currency === house) return 'house'
  const from_on = readDay(day)
  if (!from_on) return 'day'
  return isRate(value) ? { currency, from_on, rate: value } : 'rate'
}

/** Above 0, below 1 billion, at most 10 decimals, as digits: a double would lose some. */
export const isRate = (text: string) => /^\d{1,9}(\.\d{1,10})?$/.test(text) && /[1-9]/.test(text)

function readDay(text: string): string | null {
  const [, year = '', month = '', day = ''] = DAY.exec(text) ?? []
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const at = new Date(`${iso}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso) ? iso : null
}

/** Digits without the zeros that say nothing: 7.1000000000 is 7.1 */
export const short = (rate: string) => (rate.includes('.') ? rate.replace(/\.?0+$/, '') : rate)
