// Pages of a list that may grow while it is read: a page is found by the last id of the one before, never by counting
// rows. The cursor is opaque and belongs to one list with one set of filters; with another it is refused, because the
// page it would give is no continuation of anything. It grants nothing: rows are still read as the asking tenant.
import { AppError } from './errors.ts'
import { sha256 } from './hmac.ts'

export type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null }

/** Which list, and every filter but the page size. Undefined and null both mean "not filtered". */
export type Listing = {
  readonly name: string
  readonly filter: Readonly<Record<string, string | number | boolean | Date | null | undefined>>
}

const ID = /^[a-z]{2,8}_[0-9a-z]{26}$/
const CHECK_BYTES = 9

/**
 * The id after which the page starts, for a query such as `id < $1 order by id desc`; null for the first page.
 * @throws AppError cursor_invalid when the text is not one that `toPage` made for this listing
 */
export function readCursor(cursor: string | null | undefined, listing: Listing): string | null {
  if (cursor === undefined || cursor === null) return null
  const bytes = Buffer.from(cursor, 'base64url')
  const id = bytes.subarray(CHECK_BYTES).toString('latin1')
  // Decoding forgives what encoding never makes, so the text itself is compared.
  if (!ID.test(id) || encode(id, listing) !== cursor) throw new AppError('cursor_invalid', { field: 'cursor' })
  return id
}

/** Takes the rows of a query that asked for one more than `limit`: that one only says that there is a next page. */
export function toPage<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
  listing: Listing,
): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? encode(last.id, listing) : null }
}

function encode(id: string, { name, filter }: Listing): string {
  const filters = Object.entries(filter)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => [key, value instanceof Date ? value.toISOString() : String(value)])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  const check = sha256(JSON.stringify([name, filters, id])).subarray(0, CHECK_BYTES)
  return Buffer.concat([check, Buffer.from(id, 'latin1')]).toString('base64url')
}
