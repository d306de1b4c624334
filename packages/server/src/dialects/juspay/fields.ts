// What a request says, as one flat list of dotted names, however it was written: a form, JSON with dotted names, JSON
// with objects in it, a multipart form, or the query. A number keeps the literal it was written with, because amounts
// are read from it. A card number is refused here, before anything else sees it; /txns alone takes documented test
// numbers out first.
import type { FastifyRequest } from 'fastify'
import { isUtf8 } from 'node:buffer'
import { assertNoCardNumbers } from '../../kernel/card-tripwire.ts'
import { AppError } from '../../kernel/errors.ts'
import { parseJson } from '../../kernel/json.ts'
import type { JsonPath, ParsedJson } from '../../kernel/json.ts'
import { rawBodyOf } from '../../http/raw-body.ts'

/**
 * `text` is how it was written; `value` keeps the JSON type for answers that echo it; `as` is the name that it came by,
 * where that is another spelling of the one it is known by.
 */
export type Field = { readonly text: string; readonly value: unknown; readonly as?: string }
export type Fields = ReadonlyMap<string, Field>

/**
 * Query and body; where both name a field, the body counts.
 * @throws AppError request_malformed, encoding_invalid, the codes of parseJson, card_number_refused
 */
export function readFields(request: FastifyRequest): Fields {
  const query = new URLSearchParams((request.raw.url ?? '').split('?')[1] ?? '')
  const body = readBody(rawBodyOf(request), request.headers['content-type'] ?? '')
  return new Map([...fromPairs(query), ...body])
}

/** @throws AppError card_number_refused; `except` names fields that are dealt with already */
export function refuseCards(fields: Fields, except: readonly string[] = []): void {
  for (const [name, field] of fields) {
    if (except.includes(name)) continue
    assertNoCardNumbers({ [name]: field.text })
  }
}

/** Fields of a JSON text, the inside of a signed or encrypted request. */
export function fieldsOfJson(text: Buffer | string): Fields {
  const fields = new Map<string, Field>()
  const parsed = parseJson(text)
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
    throw new AppError('request_malformed', { field: 'body', reason: 'is no object' })
  }
  flatten(parsed, parsed.value, [], '', fields)
  return fields
}

function readBody(bytes: Buffer, type: string): Fields {
  if (bytes.length === 0) return new Map()
  const boundary = /^multipart\/form-data\s*;.*boundary="?([^";]{1,70})"?/i.exec(type)?.[1]
  if (boundary !== undefined) return fromPairs(multipartPairs(textOf(bytes), boundary))
  // By its first character where the type is missing or wrong: some clients label JSON as a form and the other way
  // round.
  if (/^\s*[{[]/.test(bytes.subarray(0, 64).toString('latin1'))) return fieldsOfJson(bytes)
  if (/\bjson\b/i.test(type)) throw new AppError('json_malformed')
  return fromPairs(new URLSearchParams(textOf(bytes)))
}

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new AppError('encoding_invalid')
  return bytes.toString('utf8')
}

function* multipartPairs(text: string, boundary: string): Generator<[string, string]> {
  for (const part of text.split(`--${boundary}`).slice(1, -1)) {
    const [head = '', ...rest] = part.replace(/^\r?\n/, '').split(/\r?\n\r?\n/)
    const name = /name="([^"]{1,200})"/i.exec(head)?.[1]
    if (name === undefined || /filename=/i.test(head)) throw new AppError('request_malformed', { field: 'body' })
    yield [name, rest.join('\n\n').replace(/\r?\n$/, '')]
  }
}

function fromPairs(pairs: Iterable<[string, string]>): Fields {
  const fields = new Map<string, Field>()
  for (const [name, text] of pairs) put(fields, name, { text, value: text })
  return fields
}

function flatten(parsed: ParsedJson, value: object, path: JsonPath, prefix: string, into: Map<string, Field>): void {
  for (const [key, item] of Object.entries(value)) {
    const here = [...path, key]
    const name = prefix === '' ? key : `${prefix}.${key}`
    // Null says nothing, as an absent field does.
    if (item === null) continue
    if (typeof item === 'object' && !Array.isArray(item)) flatten(parsed, item, here, name, into)
    else if (typeof item === 'object') put(into, name, { text: JSON.stringify(item), value: item })
    else put(into, name, { text: parsed.numberAt(here) ?? String(item), value: item })
  }
}

// Two that mean one: which of them a client believes in is anybody's guess, so it is told.
function put(fields: Map<string, Field>, name: string, field: Field): void {
  const known = canonicalName(name)
  if (!/^[\w.:\-[\]]{1,120}$/.test(known)) throw new AppError('request_malformed', { field: '(unknown)' })
  if (known === '__proto__' || known === 'constructor' || known === 'prototype')
    throw new AppError('json_forbidden_key')
  const before = fields.get(known)
  if (before !== undefined && before.text !== field.text) {
    throw new AppError('request_malformed', { field: 'body', reason: 'names one field twice' })
  }
  fields.set(known, known === name ? field : { ...field, as: name })
}

// Both spellings are in use by published clients.
function canonicalName(name: string): string {
  if (name === 'mandate_max_amount') return 'mandate.max_amount'
  return name.replace(/^options_/, 'options.')
}

/** The text of a field; undefined when it is missing or empty. */
export function textIn(fields: Fields, name: string): string | undefined {
  const text = fields.get(name)?.text.trim()
  return text === '' ? undefined : text
}

export function isTrue(fields: Fields, name: string): boolean {
  return fields.get(name)?.text.trim().toLowerCase() === 'true'
}
