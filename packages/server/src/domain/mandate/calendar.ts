// Days, periods and day rules, in the merchant's zone whatever zone the server runs in. A day is its text `2026-11-20`,
// so days compare as texts do. A day past the end of a month is the month's last day; where a period has several months
// the rule's day lies in the one that stands where the mandate's first month stood in its own period (ours).
import { Temporal } from 'temporal-polyfill'
import { parseInstant } from '../../kernel/clock.ts'
import { invariant } from '../../kernel/errors.ts'
import type { DayRule, Frequency } from './mandate.ts'

/** `2026-11-20`. */
export type Day = string

export type Period = {
  /** Names the period among all of its frequency: `2026-11`, `2026-W47`, `2026-Q4`. */
  readonly key: string
  readonly first: Day
  readonly last: Day
}

export function dayOf(zone: string, instant: Date): Day {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone).toPlainDate().toString()
}

/** The first instant of the day; where a clock change swallows midnight, the first that exists. */
export function startOf(zone: string, day: Day): Date {
  const text = Temporal.PlainDate.from(day).toZonedDateTime(zone).toInstant().toString()
  const instant = parseInstant(text)
  invariant(instant !== undefined, `The day ${day} begins at an instant.`)
  return instant
}

export function addDays(day: Day, days: number): Day {
  return Temporal.PlainDate.from(day).add({ days }).toString()
}

/** Whether the text is a day that exists. */
export function isDay(text: string): text is Day {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  try {
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() === text
  } catch {
    return false
  }
}

const MONTHS: Partial<Record<Frequency, { readonly count: number; readonly letter: string }>> = {
  monthly: { count: 1, letter: '' },
  bimonthly: { count: 2, letter: 'B' },
  quarterly: { count: 3, letter: 'Q' },
  half_yearly: { count: 6, letter: 'H' },
  yearly: { count: 12, letter: '' },
}

/** The period that a day falls in; null for `as_presented`, which has none. */
export function periodOf(frequency: Frequency, day: Day): Period | null {
  const date = Temporal.PlainDate.from(day)
  if (frequency === 'as_presented') return null
  if (frequency === 'one_time') return { key: 'once', first: '0001-01-01', last: '9999-12-31' }
  if (frequency === 'daily') return { key: day, first: day, last: day }
  if (frequency === 'weekly') return week(date)
  if (frequency === 'fortnightly') return halfMonth(date)
  const { count, letter } = MONTHS[frequency] ?? { count: 1, letter: '' }
  const index = Math.floor((date.month - 1) / count)
  const first = Temporal.PlainDate.from({ year: date.year, month: index * count + 1, day: 1 })
  const last = first.add({ months: count }).subtract({ days: 1 })
  const key = keyOf(date, count, letter, index)
  return { key, first: first.toString(), last: last.toString() }
}

function keyOf(date: Temporal.PlainDate, count: number, letter: string, index: number): string {
  if (count === 12) return yearText(date.year)
  if (count === 1) return `${yearText(date.year)}-${date.month.toString().padStart(2, '0')}`
  return `${yearText(date.year)}-${letter}${index + 1}`
}

function week(date: Temporal.PlainDate): Period {
  const first = date.subtract({ days: date.dayOfWeek - 1 })
  // The ISO year of a week is that of its Thursday.
  const thursday = first.add({ days: 3 })
  const number = Math.floor((thursday.dayOfYear - 1) / 7) + 1
  const key = `${yearText(thursday.year)}-W${number.toString().padStart(2, '0')}`
  return { key, first: first.toString(), last: first.add({ days: 6 }).toString() }
}

// A fortnight is half a calendar month: the 1st to the 15th, and the 16th to the end.
function halfMonth(date: Temporal.PlainDate): Period {
  const isFirst = date.day <= 15
  const first = date.with({ day: isFirst ? 1 : 16 })
  const last = date.with({ day: isFirst ? 15 : date.daysInMonth })
  const key = `${yearText(date.year)}-${date.month.toString().padStart(2, '0')}-F${isFirst ? 1 : 2}`
  return { key, first: first.toString(), last: last.toString() }
}

const yearText = (year: number) => year.toString().padStart(4, '0')

export type Days = { readonly first: Day; readonly last: Day }

/** The days of a period that the rule leaves. `firstDay` is the mandate's own first day. */
export function daysAllowed(frequency: Frequency, rule: DayRule | null, firstDay: Day, period: Period): Days {
  if (rule === null) return period
  const named = namedDay(frequency, rule.day, firstDay, period)
  if (rule.rule === 'on') return { first: named, last: named }
  return rule.rule === 'before' ? { first: period.first, last: named } : { first: named, last: period.last }
}

function namedDay(frequency: Frequency, number: number, firstDay: Day, period: Period): Day {
  const first = Temporal.PlainDate.from(period.first)
  const last = Temporal.PlainDate.from(period.last)
  if (frequency === 'weekly' || frequency === 'fortnightly') {
    const named = first.add({ days: number - 1 })
    return (Temporal.PlainDate.compare(named, last) > 0 ? last : named).toString()
  }
  const count = MONTHS[frequency]?.count ?? 1
  const offset = (Temporal.PlainDate.from(firstDay).month - 1) % count
  const month = first.add({ months: offset })
  return month.with({ day: Math.min(number, month.daysInMonth) }).toString()
}
