import { useLanguage } from './i18n'
import type { Language } from './prefs'

/** An amount as the API sends it: a decimal in a string. */
export type Amount = string | number | null | undefined

/** An instant (ISO 8601) or a day (YYYY-MM-DD). Instants are shown in the reader's time zone; days have none. */
export type Moment = string | Date | null | undefined

export interface Format {
  /** ¥286万, ¥1.23亿; in English ¥2.86M */
  money(value: Amount, currency?: string): string
  /** ¥2,860,000.00, to the cent */
  moneyExact(value: Amount, currency?: string): string
  number(value: number | null | undefined, digits?: number): string
  /** A share of one: 0.46 is 46%. Never 100% or 0% for what is not certain. */
  percent(share: number | null | undefined, digits?: number): string
  /** A change of a share, in points: 0.06 is +6, -0.08 is −8 */
  points(change: number | null | undefined, digits?: number): string
  /** 12/18, in another year 2027/1/8 */
  day(value: Moment, now?: Date): string
  /** 今天 09:12, 昨天 18:40, 11/20 15:05 */
  moment(value: Moment, now?: Date): string
  /** 2026年11月23日 09:12 */
  full(value: Moment): string
  /** 3 分钟前, in 2 days */
  relative(value: Moment, now?: Date): string
  /** YYYY-MM or YYYYQn: 2026年11月, 2026年第4季度 */
  period(value: string): string
}

export const NOTHING = '—'
const LOCALES = { zh: 'zh-CN', en: 'en-US' } as const
const DAY = /^\d{4}-\d{2}-\d{2}$/
const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const WORDS = {
  zh: { today: '今天', yesterday: '昨天', tomorrow: '明天', now: '刚刚' },
  en: { today: 'Today', yesterday: 'Yesterday', tomorrow: 'Tomorrow', now: 'just now' },
}
const UNITS = {
  zh: [
    [1e8, '亿'],
    [1e4, '万'],
    [1, ''],
  ],
  en: [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'K'],
    [1, ''],
  ],
} as const

/** The formatter of each locale and options: to make one takes a hundred times as long as to use it. */
function kept<O, F>(make: (locale: string, options: O) => F): (locale: string, options: O) => F {
  const made = new Map<string, F>()
  return (locale, options) => {
    const key = locale + JSON.stringify(options)
    let format = made.get(key)
    if (!format) {
      format = make(locale, options)
      made.set(key, format)
    }
    return format
  }
}
const dates = kept((locale, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options))
const numbers = kept((locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options))

/** How values are written in `language`. `zone` is for tests: else it is the reader's. */
export function formatsOf(language: Language, zone?: string): Format {
  const locale = LOCALES[language]
  const words = WORDS[language]
  const home = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone

  function at(value: NonNullable<Moment>, options: Intl.DateTimeFormatOptions): string {
    const pureDay = typeof value === 'string' && DAY.test(value)
    return dates(locale, { ...options, timeZone: pureDay ? 'UTC' : home }).format(new Date(value))
  }

  /** Days since 1970 of the calendar day on which `value` falls for the reader. */
  function dayNumber(value: NonNullable<Moment>): number {
    if (typeof value === 'string' && DAY.test(value)) return Date.parse(value) / 86_400_000
    const day = dates('en-CA', { timeZone: home }).format(new Date(value))
    return Date.parse(day) / 86_400_000
  }

  const yearOf = (value: NonNullable<Moment>) => new Date(dayNumber(value) * 86_400_000).getUTCFullYear()

  const format: Format = {
    money(value, currency = 'CNY') {
      const amount = numberOf(value)
      if (amount === null) return NOTHING
      const size = Math.abs(amount)
      const units = UNITS[language]
      let place = units.findIndex(([unit]) => size >= unit)
      if (place === -1) place = units.length - 1
      let text = place === units.length - 1 ? size.toFixed(0) : shorten(size / units[place as 0][0])
      // 9,999.96万 rounds to 10,000万, which is 1亿.
      const above = units[place - 1]
      if (above && Number(text) * units[place as 0][0] >= above[0]) {
        place -= 1
        text = shorten(size / above[0])
      }
      const sign = amount < 0 && Number(text) !== 0 ? '−' : ''
      return `${sign}${symbolOf(currency)}${grouped(text)}${units[place as 0][1]}`
    },
    moneyExact(value, currency = 'CNY') {
      if (numberOf(value) === null) return NOTHING
      const cents = numbers('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
      // As a string: a double would lose the cents of large amounts.
      const text = cents.format(String(value) as Intl.StringNumericLiteral)
      return text.startsWith('-') ? `−${symbolOf(currency)}${text.slice(1)}` : symbolOf(currency) + text
    },
    number(value, digits = 0) {
      if (value == null || !Number.isFinite(value)) return NOTHING
      const text = numbers(locale, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(value)
      return text.replace('-', '−')
    },
    percent(share, digits = 0) {
      if (share == null || !Number.isFinite(share)) return NOTHING
      const text = (share * 100).toFixed(digits)
      const edge = 10 ** -digits
      if (share < 1 && share > 0) {
        if (Number(text) >= 100) return `>${(100 - edge).toFixed(digits)}%`
        if (Number(text) <= 0) return `<${edge.toFixed(digits)}%`
      }
      return `${text.replace('-', '−')}%`
    },
    points(change, digits = 0) {
      if (change == null || !Number.isFinite(change)) return NOTHING
      const text = Math.abs(change * 100).toFixed(digits)
      if (Number(text) === 0) return '0'
      return `${change < 0 ? '−' : '+'}${text}`
    },
    day(value, now = new Date()) {
      if (value == null) return NOTHING
      const year = yearOf(value) === yearOf(now) ? undefined : 'numeric'
      return at(value, { year, month: language === 'zh' ? 'numeric' : 'short', day: 'numeric' })
    },
    moment(value, now = new Date()) {
      if (value == null) return NOTHING
      const clock = at(value, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
      const away = dayNumber(value) - dayNumber(now)
      const near = { '0': words.today, '-1': words.yesterday, '1': words.tomorrow }[String(away)]
      if (near) return `${near} ${clock}`
      return language === 'zh' ? `${format.day(value, now)} ${clock}` : `${format.day(value, now)}, ${clock}`
    },
    full(value) {
      if (value == null) return NOTHING
      const day = at(value, { year: 'numeric', month: 'long', day: 'numeric' })
      if (typeof value === 'string' && DAY.test(value)) return day
      return `${day} ${at(value, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}`
    },
    relative(value, now = new Date()) {
      if (value == null) return NOTHING
      const whole = new Intl.RelativeTimeFormat(locale, { numeric: 'always' })
      if (typeof value === 'string' && DAY.test(value)) {
        const away = dayNumber(value) - dayNumber(now)
        return away === 0 ? words.today : whole.format(away, 'day')
      }
      const seconds = (new Date(value).getTime() - now.getTime()) / 1000
      const [unit, length] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? []
      return unit && length ? whole.format(Math.trunc(seconds / length), unit) : words.now
    },
    period(value) {
      const quarter = /^(\d{4})-?Q([1-4])$/.exec(value)
      if (quarter)
        return language === 'zh' ? `${quarter[1]}年第${quarter[2]}季度` : `Q${quarter[2]} ${quarter[1]}`
      return at(`${value}-01`, { year: 'numeric', month: language === 'zh' ? 'long' : 'short' })
    },
  }
  return format
}

const formats: Record<Language, Format> = { zh: formatsOf('zh'), en: formatsOf('en') }

/** The formats of the language on the screen. */
export function useFormat(): Format {
  return formats[useLanguage()]
}

/** A decimal as a number, for comparing and drawing; not for adding up money. */
export function numberOf(value: Amount): number | null {
  if (value == null || value === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

/** Three digits that matter, and no zeros behind the point. */
function shorten(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return String(Number(value.toFixed(digits)))
}

function grouped(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d)(?<!\.\d*))/g, ',')
}

function symbolOf(currency: string): string {
  // The Chinese symbols in both languages: ¥ is the yuan here, and the yen says JP¥.
  const part = numbers('zh-CN', { style: 'currency', currency })
    .formatToParts(0)
    .find(({ type }) => type === 'currency')
  return part?.value ?? currency
}
