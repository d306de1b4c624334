// The page's one correspondent: /sdk/v1 of the server it came from. What can go wrong comes back as a value, because
// every such case is a screen and not an accident; nothing here throws.
import { readEvents } from './live.ts'
import { startDeadline } from './timers.ts'
import type { Chosen, PaymentView, SessionView } from './wire.ts'

export type Answer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** The server said no; `code` is one of its stable error codes. */
  | { readonly kind: 'refused'; readonly code: string; readonly retryAfterMs: number }
  /** The client token is not good any more. */
  | { readonly kind: 'expired' }
  /** No answer, or none that could be read: what was asked for may have been done. */
  | { readonly kind: 'silent' }

export type Api = {
  session(): Promise<Answer<SessionView>>
  payment(id: string): Promise<Answer<PaymentView>>
  /** Sent again with the same key it acts once. */
  pay(chosen: Chosen, idempotencyKey: string): Promise<Answer<PaymentView>>
  /** Sent again with the same key it acts once. */
  cancel(paymentId: string, idempotencyKey: string): Promise<Answer<PaymentView>>
  /** Forgets what the payer saved. Sent again with the same key it acts once. */
  forget(savedMethodId: string, idempotencyKey: string): Promise<Answer<unknown>>
  /** Tells each change until `signal` aborts, the outcome is there, or the connection goes. Never rejects. */
  follow(paymentId: string, signal: AbortSignal, onPayment: (payment: PaymentView) => void): Promise<void>
  qrAddress(paymentId: string): string
}

const READ_TIMEOUT_MS = 15_000
// Longer than the server waits for a gateway, so that the server's word comes first.
const PAY_TIMEOUT_MS = 60_000

export function createApi(token: string): Api {
  const authorization = `Bearer ${token}`
  const headers = { authorization }
  const paymentPath = (id: string) => `/sdk/v1/payments/${encodeURIComponent(id)}`
  const write = <T>(path: string, body: object, idempotencyKey: string, method = 'POST') =>
    ask<T>(
      path,
      {
        method,
        headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(body),
      },
      PAY_TIMEOUT_MS,
    )
  return {
    session: () => ask('/sdk/v1/session', { headers }, READ_TIMEOUT_MS),
    payment: (id) => ask(paymentPath(id), { headers }, READ_TIMEOUT_MS),
    pay: (chosen, idempotencyKey) => write('/sdk/v1/payments', chosen, idempotencyKey),
    cancel: (id, idempotencyKey) => write(`${paymentPath(id)}/cancel`, {}, idempotencyKey),
    forget: (id, idempotencyKey) =>
      write(`/sdk/v1/saved-methods/${encodeURIComponent(id)}`, {}, idempotencyKey, 'DELETE'),
    follow: (id, signal, onPayment) => readEvents(`${paymentPath(id)}/events`, headers, signal, onPayment),
    qrAddress: (paymentId) => `/pay/${encodeURIComponent(token)}/qr/${encodeURIComponent(paymentId)}.svg`,
  }
}

/** One per intended payment; repeated on every retry of it. */
export function createIdempotencyKey(): string {
  // Not randomUUID: a page on plain http in a test network has none.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

async function ask<T>(path: string, request: RequestInit, timeoutMs: number): Promise<Answer<T>> {
  const deadline = startDeadline(timeoutMs)
  try {
    const reply = await fetch(path, { ...request, signal: deadline.signal, credentials: 'omit', cache: 'no-store' })
    const body = (await reply.json()) as unknown
    if (reply.ok) return { kind: 'ok', value: body as T }
    if (reply.status === 401) return { kind: 'expired' }
    // A 500 tells nothing about what happened before it.
    if (reply.status === 500 || reply.status === 502 || reply.status === 504) return { kind: 'silent' }
    const code = (body as { code?: unknown }).code
    const retryAfter = Number(reply.headers.get('retry-after') ?? '1')
    return {
      kind: 'refused',
      code: typeof code === 'string' ? code : 'unknown',
      retryAfterMs: Number.isFinite(retryAfter) ? Math.min(10_000, Math.max(250, retryAfter * 1_000)) : 1_000,
    }
  } catch {
    return { kind: 'silent' }
  } finally {
    deadline.end()
  }
}
