// What every list of our own API is asked with. Query strings carry text; it is read here, on purpose, and not turned
// into numbers or dates by the validator.
import { parseInstant } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import type { Page } from '../../kernel/pages.ts'
import { defined } from './defined.ts'

const DEFAULT_LIMIT = 20

export function pagingOf(query: { cursor?: string; limit?: string }): { cursor?: string; limit: number } {
  return { ...defined({ cursor: query.cursor }), limit: Number.parseInt(query.limit ?? String(DEFAULT_LIMIT), 10) }
}

/** @throws AppError field_invalid, naming `from` or `to` */
export function periodOf(query: { from?: string; to?: string }): { from?: Date; to?: Date } {
  return defined({ from: instantOf(query.from, 'from'), to: instantOf(query.to, 'to') })
}

/** @throws AppError field_invalid for a day that does not exist */
export function instantOf(text: string | undefined, field: string): Date | undefined {
  if (text === undefined) return undefined
  const instant = parseInstant(text)
  if (instant === undefined) throw new AppError('field_invalid', { field, reason: 'is not a date and time' })
  return instant
}

export function pageJson<T, Item>(page: Page<T>, itemJson: (item: T) => Item) {
  return { object: 'list' as const, items: page.items.map(itemJson), next_cursor: page.nextCursor }
}
