import { describe, expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { AppError } from './errors.ts'
import { OrderId } from './ids.ts'
import { readCursor, toPage } from './pages.ts'

const listing = { name: 'orders', filter: { status: 'open', from: new Date(0), to: null } }
const rows = Array.from({ length: 3 }, () => ({ id: OrderId.create(systemClock.now()) }))

function cursor(): string {
  const { nextCursor } = toPage(rows, 2, listing)
  if (nextCursor === null) throw new Error('There is a next page.')
  return nextCursor
}

describe('A page', () => {
  test('holds at most as many items as asked for, and a cursor while more follow', () => {
    expect(toPage(rows, 2, listing).items).toEqual(rows.slice(0, 2))
    expect(toPage(rows, 3, listing)).toEqual({ items: rows, nextCursor: null })
    expect(toPage([], 3, listing)).toEqual({ items: [], nextCursor: null })
  })

  test('is continued after its last item', () => {
    expect(readCursor(cursor(), listing)).toBe(rows[1]?.id)
    expect(readCursor(undefined, listing)).toBeNull()
  })

  test('is continued whatever the order and presence of filters that are not set', () => {
    expect(readCursor(cursor(), { name: 'orders', filter: { from: new Date(0), status: 'open' } })).toBe(rows[1]?.id)
  })
})

describe('A cursor is refused', () => {
  const refused = (text: string, other = listing) => {
    try {
      readCursor(text, other)
    } catch (error) {
      return error instanceof AppError ? error.code : error
    }
    return 'accepted'
  }

  test('by another list and with other filters', () => {
    expect(refused(cursor(), { ...listing, name: 'payments' })).toBe('cursor_invalid')
    expect(refused(cursor(), { ...listing, filter: { ...listing.filter, status: 'paid' } })).toBe('cursor_invalid')
  })

  test('with any of its characters changed', () => {
    const text = cursor()
    for (let index = 0; index < text.length; index += 1) {
      const other = text[index] === 'A' ? 'B' : 'A'
      expect(refused(text.slice(0, index) + other + text.slice(index + 1))).toBe('cursor_invalid')
    }
  })

  test('when it is longer, shorter, padded, or nothing at all', () => {
    for (const text of ['', '=', `${cursor()}=`, `${cursor()}A`, cursor().slice(1), ' ', '\0', '💸', 'null']) {
      expect(refused(text)).toBe('cursor_invalid')
    }
  })
})
