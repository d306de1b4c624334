// The JSON body of a request to one of our own APIs: strict about what it lets in (kernel/json.ts), never storing a
// card number (kernel/card-tripwire.ts), and with the literal of every number kept, because amounts are read from it.
import type { FastifyRequest } from 'fastify'
import { assertNoCardNumbers } from '../kernel/card-tripwire.ts'
import { AppError } from '../kernel/errors.ts'
import { parseJson } from '../kernel/json.ts'
import type { ParsedJson } from '../kernel/json.ts'
import { rawBodyOf } from './raw-body.ts'

const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i

/**
 * Undefined when there is no body.
 * @throws AppError media_type_unsupported, the codes of parseJson, card_number_refused
 */
export function readJsonBody(request: FastifyRequest): ParsedJson | undefined {
  const bytes = rawBodyOf(request)
  if (bytes.length === 0) return undefined
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) throw new AppError('media_type_unsupported')
  const parsed = parseJson(bytes)
  assertNoCardNumbers(parsed.value)
  return parsed
}
