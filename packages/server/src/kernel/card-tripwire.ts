// The last net under card data: a card number must not reach storage or a log, in whatever field and whichever way it
// is written. What clients send is refused, naming the field and never repeating what was in it; what gateways send is
// redacted, because their message must still be kept. It is a net against accidents, not against someone who hides a
// number on purpose, and it is tuned so that our own ids, tokens and timestamps pass (what counts: card-numbers.ts).
import { isUtf8 } from 'node:buffer'
import { findCardSpans, isCardNumber } from './card-numbers.ts'
import { AppError } from './errors.ts'

// How many encodings deep a number is still found: base64 of percent-encoding, say.
const LEVELS = 2

/** Whether the text holds a card number: plain, with separators, in any script's digits, or encoded up to twice. */
export function findCardNumber(text: string): boolean {
  return containsCard(text, LEVELS)
}

/**
 * Walks a JSON-like value: text, whole numbers, and keys too. Numbers past 2^53 have lost digits before they come here,
 * so check the raw body as well where it is kept.
 * @throws AppError card_number_refused with the path as `field`: `customer.notes.0`
 */
export function assertNoCardNumbers(value: unknown): void {
  walk(value, [])
}

/**
 * The text without its card numbers: `[card ****1111]` for a plain one, `[card]` for an encoded one or for the whole
 * text where the encoding runs through all of it. Text without a card number comes back as it was. A bare JSON number
 * becomes something that is no JSON, so redact the strings of a value rather than a body that is parsed afterwards.
 */
export function redactCardNumbers(text: string): string {
  if (!findCardNumber(text)) return text
  const plain = redactSpans(text)
  if (!findCardNumber(plain)) return plain
  const words = plain.replaceAll(/[^\s"'<>,;&?=(){}[\]]+/g, (word) => (findCardNumber(word) ? '[card]' : word))
  return findCardNumber(words) ? '[card]' : words
}

function redactSpans(text: string): string {
  let redacted = ''
  let position = 0
  for (const { start, end, digits } of findCardSpans(text)) {
    redacted += `${text.slice(position, start)}[card ****${digits.slice(-4)}]`
    position = end
  }
  return redacted + text.slice(position)
}

function walk(value: unknown, path: readonly string[]): void {
  if (typeof value === 'string') {
    if (findCardNumber(value)) throw refusal(path)
  } else if (typeof value === 'number' || typeof value === 'bigint') {
    // A fraction with sixteen digits is no card, and a card is no fraction.
    const digits = String(value)
    if (digits.length >= 12 && isCardNumber(digits)) throw refusal(path)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (findCardNumber(key)) throw refusal([...path, '(key)'])
      walk(item, [...path, key])
    }
  }
}

function refusal(path: readonly string[]): AppError {
  // Keys are the caller's words too, and `4111.1111.1111.1111` is a path.
  const field = redactCardNumbers(path.join('.')).slice(0, 200)
  return new AppError('card_number_refused', { field: field === '' ? 'body' : field })
}

function containsCard(text: string, levels: number): boolean {
  if (text.length < 12) return false
  if (findCardSpans(text).length > 0) return true
  if (levels === 0) return false
  for (const decoded of decodings(text)) {
    if (containsCard(decoded, levels - 1)) return true
  }
  return false
}

/** What the text says if it is percent-encoded, escaped or base64; nothing for text that is none of them. */
function* decodings(text: string): Generator<string> {
  if (/%[0-9A-Fa-f]{2}|[0-9]\+[0-9]/.test(text)) {
    yield text
      .replaceAll('+', ' ')
      .replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (run) => textOf(Buffer.from(run.replaceAll('%', ''), 'hex')))
  }
  // JSON inside JSON doubles its backslashes. Eight are enough, and a bound keeps a row of them from costing its
  // square.
  if (/\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})/.test(text)) {
    yield text.replaceAll(/\\{1,8}(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))/g, (_escape, unit?: string, byte?: string) =>
      String.fromCharCode(Number.parseInt(unit ?? byte ?? '', 16)),
    )
  }
  // Twelve digits are sixteen characters of base64, in which - _ + / may belong to the word or stand between words.
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) {
    // Digits, escapes and other scripts all come out with capitals; our ids and hex tokens have none.
    if (!/[A-Z]/.test(run)) continue
    yield textOf(Buffer.from(run, 'base64'))
    if (!/[+/_-]/.test(run)) continue
    for (const part of run.split(/[+/_-]+/)) if (part.length >= 16) yield textOf(Buffer.from(part, 'base64'))
  }
}

function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
}
