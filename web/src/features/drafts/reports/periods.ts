import dayjs, { type Dayjs } from 'dayjs'

export type Span = 'week' | 'month'

/** The first day of the week (a Monday) or month in which `day` lies. */
export function beginOf(span: Span, day: Dayjs): Dayjs {
  if (span === 'month') return day.startOf('month')
  return day.startOf('day').subtract((day.day() + 6) % 7, 'day')
}

/** So many periods later; earlier, below zero. */
export const moved = (span: Span, begins: Dayjs, by: number): Dayjs => begins.add(by, span)

/** 3/2 – 3/8, or 2026-03: what a period is called. `day` writes one day. */
export function nameOf(
  span: Span,
  begins: string,
  write: { day: (value: string) => string; period: (value: string) => string },
): string {
  if (span === 'month') return write.period(begins.slice(0, 7))
  const last = dayjs(begins).add(6, 'day').format('YYYY-MM-DD')
  return `${write.day(begins)} – ${write.day(last)}`
}
