// The address that a payer's browser is sent back to, signed: HMAC-SHA256 over the sorted, form-encoded parameters, the
// whole of it encoded once more. What was in the merchant's address before stays there and is signed along.
// Easy to get wrong: Java's URLEncoder encodes `~` and leaves `*`; a space is a plus.
import { equalBytes, hmacSha256 } from '../../kernel/hmac.ts'

const UNSIGNED = new Set(['signature', 'signature_algorithm'])

/** As java.net.URLEncoder does it. */
export function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll(/[!'()~]/g, (character) => `%${character.codePointAt(0)?.toString(16).toUpperCase()}`)
}

export type ReturnParameters = Readonly<Record<string, string>>

/** Base64, not yet encoded for a query. */
export function signReturn(parameters: ReturnParameters, key: string): string {
  return digest(parameters, key, formEncode).toString('base64')
}

function digest(parameters: ReturnParameters, key: string, encode: (text: string) => string): Buffer {
  const text = Object.entries(parameters)
    .filter(([name]) => !UNSIGNED.has(name))
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  return hmacSha256(key, formEncode(text))
}

/** Accepts both forms that are in use, and a signature that was encoded once too often. */
export function verifyReturn(parameters: ReturnParameters, key: string, signature: string): boolean {
  const given = Buffer.from(signature.includes('%') ? decodeURIComponent(signature) : signature, 'base64')
  const forms = [digest(parameters, key, formEncode), digest(parameters, key, (text) => text)]
  return forms.map((form) => equalBytes(form, given)).includes(true)
}

/** The merchant's address with the outcome in it; unsigned where there is no key. */
export function returnAddress(base: string, outcome: ReturnParameters, key: string | undefined): string {
  const url = new URL(base)
  for (const [name, value] of Object.entries(outcome)) url.searchParams.set(name, value)
  if (key === undefined) return url.href
  const signature = signReturn(Object.fromEntries(url.searchParams), key)
  url.searchParams.set('signature', signature)
  url.searchParams.set('signature_algorithm', 'HMAC-SHA256')
  return url.href
}
