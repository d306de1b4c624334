// JSON from strangers. One pass over the raw text, before JSON.parse makes a value of it, refuses what JSON.parse lets
// through: bytes that are not UTF-8, a key named twice (the last one would win), `__proto__`, nesting without end. It
// also keeps the literal of every number, because JSON.parse rounds in silence: 0.300000000000000001 becomes 0.3,
// 9007199254740993 becomes ...992, `1e2` becomes 100. Money is therefore read from `moneyLiteral`, never from the
// value.
import { isUtf8 } from 'node:buffer'
import { AppError } from './errors.ts'

export type JsonPath = readonly (string | number)[]

export type ParsedJson = {
  readonly value: unknown
  /** The number at `path` exactly as it was written; undefined when there is no number there. */
  numberAt(path: JsonPath): string | undefined
}

// What a container holds that is a number or holds one: nothing is kept for text, so most bodies keep almost nothing.
type Literals = Map<string | number, string | Literals>

type Scan = { readonly text: string; readonly maxDepth: number; position: number }

/**
 * Parses a whole JSON text (RFC 8259), stricter than JSON.parse in what it lets in and equal to it in what it makes.
 * `maxDepth` counts containers: `[[1]]` is 2 deep. It bounds our own recursion too, so keep it far below a thousand.
 * @throws AppError encoding_invalid (not UTF-8, byte order mark, half a surrogate pair, escaped or not), json_malformed
 * (also a number too large for a double), json_too_deep, json_duplicate_key, json_forbidden_key. The details hold the
 * `position` in the text (UTF-16 units from 0), and the key only where it is a plain word.
 */
export function parseJson(source: Buffer | string, options: { maxDepth?: number } = {}): ParsedJson {
  const text = decode(source)
  const scan: Scan = { text, maxDepth: options.maxDepth ?? 32, position: 0 }
  const found = scanValue(scan, 0)
  skipSpace(scan)
  if (scan.position < text.length) throw malformed(scan)
  return {
    value: JSON.parse(text),
    numberAt: (path) => literalAt(found, path),
  }
}

/**
 * The text of an amount, for `parseDecimal` or `parseMinor`: a JSON string as it is, a JSON number as it was written.
 * A number with an exponent, or with more than 15 significant digits, is refused: whoever wrote it through a double,
 * as most clients do, may have meant another one.
 * @throws AppError amount_invalid, naming the field; also when nothing, or something else, is at `path`
 */
export function moneyLiteral(parsed: ParsedJson, path: JsonPath): string {
  const literal = parsed.numberAt(path)
  if (literal === undefined) {
    const value = valueAt(parsed.value, path)
    if (typeof value === 'string') return value
    throw new AppError('amount_invalid', { field: path.join('.') })
  }
  if (/[eE]/.test(literal) || significantDigits(literal) > 15) {
    throw new AppError('amount_invalid', { field: path.join('.'), maximum_digits: 15 })
  }
  return literal
}

const LONE_SURROGATE = /\p{Surrogate}/u

function decode(source: Buffer | string): string {
  if (typeof source === 'string') {
    if (LONE_SURROGATE.test(source)) throw new AppError('encoding_invalid')
    return refuseByteOrderMark(source)
  }
  if (!isUtf8(source)) throw new AppError('encoding_invalid')
  return refuseByteOrderMark(source.toString('utf8'))
}

function refuseByteOrderMark(text: string): string {
  if (text.codePointAt(0) === 0xfeff) throw new AppError('encoding_invalid', { position: 0 })
  return text
}

/** Moves past one value. Returns its literals: the text of a number, a map for a container that holds one. */
function scanValue(scan: Scan, depth: number): string | Literals | undefined {
  skipSpace(scan)
  const start = scan.text.codePointAt(scan.position)
  switch (start) {
    case undefined:
      throw malformed(scan)
    case 0x7b:
      return scanObject(scan, depth + 1)
    case 0x5b:
      return scanArray(scan, depth + 1)
    case 0x22:
      scanString(scan)
      return undefined
    case 0x74:
      return expectWord(scan, 'true')
    case 0x66:
      return expectWord(scan, 'false')
    case 0x6e:
      return expectWord(scan, 'null')
    default:
      return scanNumber(scan)
  }
}

function scanObject(scan: Scan, depth: number): Literals | undefined {
  enter(scan, depth)
  if (closes(scan, 0x7d)) return undefined
  let literals: Literals | undefined
  const keys = new Set<string>()
  for (;;) {
    skipSpace(scan)
    const start = scan.position
    if (scan.text.codePointAt(start) !== 0x22) throw malformed(scan)
    const key = scanString(scan)
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
      throw new AppError('json_forbidden_key', { field: key, position: start })
    }
    if (keys.has(key)) throw new AppError('json_duplicate_key', { ...plainWord(key), position: start })
    keys.add(key)
    skipSpace(scan)
    if (scan.text.codePointAt(scan.position) !== 0x3a) throw malformed(scan)
    scan.position += 1
    const found = scanValue(scan, depth)
    if (found !== undefined) literals = (literals ?? new Map()).set(key, found)
    if (!continues(scan, 0x7d)) return literals
  }
}

function scanArray(scan: Scan, depth: number): Literals | undefined {
  enter(scan, depth)
  if (closes(scan, 0x5d)) return undefined
  let literals: Literals | undefined
  for (let index = 0; ; index += 1) {
    const found = scanValue(scan, depth)
    if (found !== undefined) literals = (literals ?? new Map()).set(index, found)
    if (!continues(scan, 0x5d)) return literals
  }
}

function enter(scan: Scan, depth: number): void {
  if (depth > scan.maxDepth) throw new AppError('json_too_deep', { maximum: scan.maxDepth, position: scan.position })
  scan.position += 1
}

/** True, and past it, when the container ends here. */
function closes(scan: Scan, bracket: number): boolean {
  skipSpace(scan)
  if (scan.text.codePointAt(scan.position) !== bracket) return false
  scan.position += 1
  return true
}

/** After an element: true past a comma, false past the closing bracket. */
function continues(scan: Scan, bracket: number): boolean {
  if (closes(scan, bracket)) return false
  if (scan.text.codePointAt(scan.position) !== 0x2c) throw malformed(scan)
  scan.position += 1
  return true
}

// Sticky patterns: each matches at the position or not at all, and none can backtrack.
// oxlint-disable-next-line no-control-regex -- raw control characters are exactly what JSON forbids in a string
const PLAIN = /[^"\\\u0000-\u001f]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

/** Moves past a string and returns what it says, escapes resolved. */
function scanString(scan: Scan): string {
  const start = scan.position
  let escaped = false
  scan.position += 1
  for (;;) {
    PLAIN.lastIndex = scan.position
    PLAIN.test(scan.text)
    scan.position = PLAIN.lastIndex
    const end = scan.text.codePointAt(scan.position)
    if (end === 0x22) break
    ESCAPE.lastIndex = scan.position
    if (end !== 0x5c || !ESCAPE.test(scan.text)) throw malformed(scan)
    scan.position = ESCAPE.lastIndex
    escaped = true
  }
  scan.position += 1
  if (!escaped) return scan.text.slice(start + 1, scan.position - 1)
  const content: string = JSON.parse(scan.text.slice(start, scan.position))
  // Half a pair can be written as an escape; no UTF-8, and so no database, can hold it.
  if (LONE_SURROGATE.test(content)) throw new AppError('encoding_invalid', { position: start })
  return content
}

function scanNumber(scan: Scan): string {
  NUMBER.lastIndex = scan.position
  const literal = NUMBER.exec(scan.text)?.[0]
  if (literal === undefined) throw malformed(scan)
  // JSON.parse makes Infinity of 1e999, which is no JSON value and prints as null.
  if ((literal.length > 300 || /[eE]/.test(literal)) && !Number.isFinite(JSON.parse(literal))) throw malformed(scan)
  scan.position += literal.length
  return literal
}

function expectWord(scan: Scan, word: string): undefined {
  if (!scan.text.startsWith(word, scan.position)) throw malformed(scan)
  scan.position += word.length
}

function skipSpace(scan: Scan): void {
  for (;;) {
    const code = scan.text.codePointAt(scan.position)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    scan.position += 1
  }
}

function malformed(scan: Scan): AppError {
  return new AppError('json_malformed', { position: scan.position })
}

// A key may hold anything, a card number too: it is repeated to the caller only where it is plainly a name.
function plainWord(key: string): { field?: string } {
  return /^[A-Za-z_]{1,40}$/.test(key) ? { field: key } : {}
}

function literalAt(found: string | Literals | undefined, path: JsonPath): string | undefined {
  let here = found
  for (const step of path) here = here instanceof Map ? here.get(step) : undefined
  return typeof here === 'string' ? here : undefined
}

function valueAt(value: unknown, path: JsonPath): unknown {
  let here = value
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
    here = (here as Record<string | number, unknown>)[step]
  }
  return here
}

/** Zeros in front, and zeros at the end of a fraction, carry nothing: `50.0000000000` has two. */
function significantDigits(literal: string): number {
  const [whole = '', fraction = ''] = literal.replace('-', '').split('.')
  let end = fraction.length
  while (end > 0 && fraction[end - 1] === '0') end -= 1
  return (whole + fraction.slice(0, end)).replace(/^0+/, '').length
}
