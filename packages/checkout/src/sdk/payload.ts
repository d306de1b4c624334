// Reads what the app hands over: an object or, as bridges do it, the same as text. A payload is code of the merchant's,
// so what is wrong with it is said in plain words.
import type { Payload } from './public.ts'

export type Request = {
  readonly requestId: string
  readonly service: string
  readonly token: string | undefined
  readonly baseUrl: string | undefined
}

export type Read = Request & { readonly problem?: { readonly code: string; readonly message: string } }

const TOKEN = /^ct_(?:test|live)_[0-9a-f]{64}$/

export function readPayload(given: Payload | string | undefined): Read {
  let outer: unknown = given ?? {}
  if (typeof outer === 'string') {
    try {
      outer = JSON.parse(outer)
    } catch {
      return { ...NOBODY, problem: { code: 'JP_001', message: 'The payload is not JSON.' } }
    }
  }
  if (typeof outer !== 'object' || outer === null) {
    return { ...NOBODY, problem: { code: 'JP_003', message: 'The payload is not an object.' } }
  }
  const fields = outer as Record<string, unknown>
  const inner = (fields['payload'] ?? {}) as Record<string, unknown>
  const token = text(inner['clientAuthToken']) ?? text(fields['client_token'])
  const request = {
    requestId: text(fields['requestId']) ?? '',
    service: text(fields['service']) ?? NOBODY.service,
    token,
    baseUrl: text(inner['baseUrl']) ?? text(fields['base_url']),
  }
  if (token === undefined || TOKEN.test(token)) return request
  return { ...request, problem: { code: 'JP_003', message: 'clientAuthToken is not the client_token of a session.' } }
}

const NOBODY: Request = { requestId: '', service: 'purser', token: undefined, baseUrl: undefined }

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
