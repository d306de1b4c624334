// Days and times as a receipt shows them: in the merchant's zone, whatever zone the server runs in. Built from parts,
// because the texts that Intl makes change from one release of Node to the next and a receipt must not.
import { parseInstant } from '../../kernel/clock.ts'
import { invariant } from '../../kernel/errors.ts'

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

type LocalTime = {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly time: string
  readonly offset: string
}

/** `2026-06-12`, the day that the instant falls on in the zone. */
export function dayIn(zone: string, instant: Date): string {
  const { year, month, day } = localTime(zone, instant)
  return [year, month, day].map((part) => part.toString().padStart(2, '0')).join('-')
}

/** `12 June 2026` from `2026-06-12`. */
export function dayForPeople(day: string): string {
  const [year = '', month = '', date = ''] = day.split('-')
  return `${date.replace(/^0/, '')} ${MONTHS[Number.parseInt(month, 10) - 1]} ${year}`
}

/**
 * `12 June 2026, 14:05 (UTC+05:30)`.
 * @param text the instant as a snapshot keeps it, in RFC 3339 form
 */
export function instantForPeople(zone: string, text: string): string {
  const instant = parseInstant(text)
  invariant(instant !== undefined, 'A snapshot holds instants that can be read.')
  const { time, offset } = localTime(zone, instant)
  return `${dayForPeople(dayIn(zone, instant))}, ${time} (${offset})`
}

/**
 * The financial year that an instant falls in: `2026-27`, or `2026` where the year starts in January.
 * @param startMonth 1 to 12; the year starts on its first day, at midnight in the zone
 */
export function financialYear(zone: string, startMonth: number, instant: Date): string {
  const { year, month } = localTime(zone, instant)
  if (startMonth === 1) return year.toString()
  const first = month >= startMonth ? year : year - 1
  return `${first}-${((first + 1) % 100).toString().padStart(2, '0')}`
}

function localTime(zone: string, instant: Date): LocalTime {
  const parts = new Map(
    formatterFor(zone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  )
  const number = (type: Intl.DateTimeFormatPartTypes) => Number.parseInt(parts.get(type) ?? '', 10)
  const [year, month, day] = [number('year'), number('month'), number('day')]
  const asIfUtc = Date.UTC(year, month - 1, day, number('hour'), number('minute'), number('second'))
  const offsetMinutes = Math.round((asIfUtc - instant.getTime()) / 60_000)
  return { year, month, day, time: `${parts.get('hour')}:${parts.get('minute')}`, offset: offsetText(offsetMinutes) }
}

function offsetText(minutes: number): string {
  if (minutes === 0) return 'UTC'
  const size = Math.abs(minutes)
  const [hour, minute] = [Math.floor(size / 60), size % 60].map((part) => part.toString().padStart(2, '0'))
  return `UTC${minutes < 0 ? '-' : '+'}${hour}:${minute}`
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterFor(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const formatter = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  // There are some 600 zones; making a formatter costs far more than using it.
  formatters.set(zone, formatter)
  return formatter
}
