// The dashboard's one correspondent: the native API of the server it came from, with the sign-in cookie. There is no
// private endpoint behind it; what it shows, a merchant's own program can read with a key.
import type { Payment, Problem, SignedIn, Timeline } from '@purser/protocol'

export type { Payment, Timeline }
export type PaymentList = { readonly items: readonly Payment[]; readonly next_cursor: string | null }

export class ApiError extends Error {
  /** 0 when there was no answer. */
  readonly status: number
  readonly code: string
  readonly advice: string
  readonly requestId: string | undefined

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.title ?? 'The server did not answer.')
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? 'no_answer'
    this.advice = problem.detail ?? 'Check the connection and try again.'
    this.requestId = problem.request_id
  }
}

export type PaymentQuery = { readonly search: string; readonly status: string }

const PAGE_SIZE = '25'

/** @throws ApiError */
export function listPayments(query: PaymentQuery, cursor: string | undefined, signal: AbortSignal) {
  const parameters = new URLSearchParams({ limit: PAGE_SIZE })
  // The API finds by one whole value or filters by status, never both.
  if (query.search !== '') parameters.set('search', query.search)
  else if (query.status !== '') parameters.set('status', query.status)
  if (cursor !== undefined) parameters.set('cursor', cursor)
  return call<PaymentList>(`/v1/payments?${parameters}`, { signal })
}

/** @throws ApiError */
export function readTimeline(paymentId: string, signal: AbortSignal): Promise<Timeline> {
  return call<Timeline>(`/v1/payments/${encodeURIComponent(paymentId)}/timeline`, { signal })
}

/** The token comes as a cookie that scripts cannot read. @throws ApiError */
export function signIn(email: string, password: string): Promise<SignedIn> {
  return call<SignedIn>('/dashboard/sign-in', {
    method: 'POST',
    headers: { ...WRITE, 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
}

/** @throws ApiError */
export async function signOut(): Promise<void> {
  await call('/dashboard/sign-out', { method: 'POST', headers: WRITE })
}

// A cookie is sent whoever asked; this header only our own page can add.
const WRITE = { 'x-purser-csrf': '1' }

async function call<T>(path: string, request: RequestInit): Promise<T> {
  let reply: Response
  try {
    reply = await fetch(path, { ...request, credentials: 'same-origin' })
  } catch (error) {
    if (request.signal?.aborted === true) throw error
    throw new ApiError(0, {})
  }
  const body: unknown = await reply.json().catch(() => ({}))
  if (!reply.ok) throw new ApiError(reply.status, body as Partial<Problem>)
  return body as T
}

/** The API refuses by itself what will be refused again; only silence and overload are worth another try. */
export function isWorthAnotherTry(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof ApiError && (error.status === 0 || error.status === 503)
}
