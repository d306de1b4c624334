// Every error that a caller can meet is listed here once: a stable code, the HTTP status, and the sentence the caller
// may read. Codes are never renamed and never reused. docs/reference/errors.md is generated from this table.
// `advice` says what the caller should do next; `retry` whether the same call may be sent again as it is.

type Entry = { readonly status: number; readonly message: string; readonly advice: string; readonly retry: boolean }

const refuse = (status: number, message: string, advice: string): Entry => ({ status, message, advice, retry: false })
const later = (status: number, message: string, advice: string): Entry => ({ status, message, advice, retry: true })

export const ERRORS = {
  // What is wrong with the request itself.
  request_malformed: refuse(
    400,
    'The request does not have the shape this endpoint expects.',
    'Compare the named field with the API reference.',
  ),
  json_malformed: refuse(400, 'The body is not valid JSON.', 'Send one JSON object encoded as UTF-8.'),
  json_too_deep: refuse(400, 'The body is nested too deeply.', 'Flatten the body to at most 32 levels.'),
  json_duplicate_key: refuse(400, 'The body names the same key twice.', 'Send every key once.'),
  json_forbidden_key: refuse(400, 'The body uses a key that is never accepted.', 'Remove the named key.'),
  encoding_invalid: refuse(400, 'The body is not valid UTF-8.', 'Encode the body as UTF-8 without a byte order mark.'),
  id_malformed: refuse(400, 'The identifier is not well formed.', 'Use the identifier exactly as Purser returned it.'),
  cursor_invalid: refuse(
    400,
    'The cursor is not one that this list gave out.',
    'Use next_cursor from the previous page unchanged.',
  ),
  idempotency_key_missing: refuse(
    400,
    'A write needs an Idempotency-Key header.',
    'Send a fresh unique key per intended action and repeat it on retries.',
  ),
  idempotency_key_invalid: refuse(
    400,
    'The Idempotency-Key is not usable.',
    'Use 1 to 255 printable ASCII characters.',
  ),
  http_malformed: refuse(
    400,
    'This is not a well-formed HTTP request.',
    'Send a valid HTTP/1.1 request with a Host header.',
  ),
  headers_too_large: refuse(
    431,
    'The header fields are larger than this server accepts.',
    'Send at most 16 KiB of headers.',
  ),
  request_timeout: later(408, 'The request did not arrive in time.', 'Send the whole request without pauses.'),
  body_too_large: refuse(413, 'The body is larger than this endpoint accepts.', 'Send at most 64 KiB.'),
  media_type_unsupported: refuse(415, 'The content type is not one this endpoint reads.', 'Send application/json.'),
  amount_invalid: refuse(
    422,
    'The amount is not valid for this currency.',
    'Send a whole number of minor units, more than zero.',
  ),
  currency_unknown: refuse(422, 'The currency is not one that Purser knows.', 'Send an ISO 4217 code in capitals.'),
  card_number_refused: refuse(
    422,
    'The named field looks like a card number. Card numbers are never accepted here.',
    'Send a token instead. Nothing was stored.',
  ),
  url_refused: refuse(
    422,
    'The address is not one that Purser may call or redirect to.',
    'Use a public https address, or ask the operator about PURSER_ALLOW_TARGETS.',
  ),
  origin_not_registered: refuse(
    422,
    'The payment page may not be framed by this origin.',
    'Register the origin of your page first: POST /v1/payment-page, frame_origins.',
  ),
  field_invalid: refuse(
    422,
    'A field has a value that is not allowed here.',
    'See the field and the reason in the details.',
  ),

  // Who is asking.
  credentials_missing: refuse(
    401,
    'The request carries no credentials.',
    'Send Authorization: Bearer with a secret key.',
  ),
  credentials_invalid: refuse(
    401,
    'The credentials are not valid.',
    'Check that the key is complete, not expired and not revoked.',
  ),
  signature_invalid: refuse(
    401,
    'The signature does not fit what was sent.',
    'Sign the exact bytes that you send, with the key that you name.',
  ),
  scope_missing: refuse(403, 'These credentials may not do this.', 'Use a key with the named scope.'),
  origin_refused: refuse(
    403,
    'The request comes from an origin that is not registered.',
    'Register the origin for this merchant.',
  ),
  sign_in_refused: refuse(
    401,
    'The e-mail address or the password is not right.',
    'Try again, or ask the operator to reset the password.',
  ),

  // What does not exist, or not for you. A foreign identifier answers exactly like an unknown one.
  route_not_found: refuse(404, 'There is nothing at this path.', 'Compare method and path with the API reference.'),
  method_not_allowed: refuse(405, 'This path does not answer that method.', 'Use a method from the Allow header.'),
  order_not_found: refuse(404, 'No order has this identifier.', 'Check the identifier and the mode of the key.'),
  payment_not_found: refuse(404, 'No payment has this identifier.', 'Check the identifier and the mode of the key.'),
  refund_not_found: refuse(404, 'No refund has this identifier.', 'Check the identifier and the mode of the key.'),
  session_not_found: refuse(404, 'No session has this identifier.', 'Open a new session for the order.'),
  customer_not_found: refuse(404, 'No customer has this identifier.', 'Check the identifier and the mode of the key.'),
  saved_method_not_found: refuse(
    404,
    'No saved method of this customer has this identifier.',
    'List the saved methods of the customer again: it may have been deleted.',
  ),
  event_not_found: refuse(404, 'No event has this identifier.', 'Check the identifier and the mode of the key.'),
  reconciliation_not_found: refuse(
    404,
    'No reconciliation has this identifier.',
    'Check the identifier and the mode of the key.',
  ),
  dispute_not_found: refuse(404, 'No dispute has this identifier.', 'Check the identifier and the mode of the key.'),
  dispute_state_conflict: refuse(
    409,
    'The dispute is not in a state that allows this.',
    'Read its status and evidence_due_at; reason says what stands against it.',
  ),
  break_not_found: refuse(404, 'No break has this identifier.', 'Check the identifier and the mode of the key.'),
  delivery_not_found: refuse(404, 'No delivery has this identifier.', 'Check the identifier and the mode of the key.'),
  webhook_endpoint_not_found: refuse(
    404,
    'No webhook endpoint has this identifier.',
    'Check the identifier and the mode of the key.',
  ),
  gateway_account_not_found: refuse(
    404,
    'No gateway account has this identifier.',
    'Check the identifier and the mode of the key.',
  ),
  mandate_not_found: refuse(404, 'No mandate has this identifier.', 'Check the identifier and the mode of the key.'),
  pre_debit_notice_not_found: refuse(
    404,
    'No pre-debit notice has this identifier.',
    'Check the identifier and the mode of the key.',
  ),
  signing_key_not_found: refuse(404, 'No signing key has this identifier.', 'Check the identifier and the mode.'),
  allocation_not_found: refuse(404, 'No allocation has this identifier.', 'Check the identifier and the mode.'),
  receipt_not_found: refuse(404, 'No receipt has this identifier.', 'A receipt exists once money was captured.'),

  // What the present state does not allow.
  order_reference_taken: refuse(
    409,
    'Another order already uses this reference.',
    'Look the order up by its reference, or choose another.',
  ),
  refund_reference_taken: refuse(
    409,
    'Another refund of this order already uses this reference.',
    'Read the order: the refund was already asked for.',
  ),
  customer_reference_taken: refuse(
    409,
    'Another customer already uses this reference.',
    'Look the customer up by the reference, or choose another.',
  ),
  notice_reference_taken: refuse(
    409,
    'Another pre-debit notice already uses this reference.',
    'Read the notice by its reference, or choose another.',
  ),
  order_not_payable: refuse(409, 'The order cannot be paid now.', 'See its status in the details.'),
  order_not_changeable: refuse(
    409,
    'The order cannot be changed now.',
    'Wait until no payment attempt is alive or unknown.',
  ),
  order_version_stale: refuse(409, 'The order was changed after this was issued.', 'Open a new session for the order.'),
  break_resolved: refuse(409, 'Somebody has resolved this break already.', 'Read it; its note says what was found.'),
  payment_alive: refuse(
    409,
    'Another payment attempt for this order is still under way.',
    'Wait for its outcome; at most one attempt is alive per order.',
  ),
  payment_unknown: refuse(
    409,
    'The outcome of an earlier attempt is not known yet.',
    'Wait: Purser is asking the gateway. Starting again could charge twice.',
  ),
  payment_state_conflict: refuse(
    409,
    'The payment is not in a state that allows this.',
    'Read the payment and act on its present status.',
  ),
  allocation_state_conflict: refuse(
    409,
    'Nothing of this allocation is left to take back.',
    'List the allocations of the payment: a row with a minus took it back.',
  ),
  offline_payment_taken: refuse(
    409,
    'Another payment already records this cheque or this transfer.',
    'Look it up before you record it again; one that bounced or was reversed does not count.',
  ),
  refund_state_conflict: refuse(
    409,
    'The refund is not in a state that allows this.',
    'Read the refund and act on its present status.',
  ),
  refund_money_disputed: refuse(
    409,
    'The money of this refund is disputed: it is not there for both.',
    'Read the dispute and reject the refund, or approve it once the dispute is won.',
  ),
  second_person_needed: refuse(
    403,
    'Whoever asked for a refund cannot approve or reject it.',
    'Let another user, or another key, decide.',
  ),
  outcome_known: refuse(
    409,
    'The gateway was asked and gave an answer, so nobody has to decide.',
    'Read the payment, the refund or the dispute: the answer of the gateway was recorded.',
  ),
  mandate_state_conflict: refuse(
    409,
    'The mandate is not in a state that allows this.',
    'Read the mandate and act on its present status.',
  ),
  mandate_terms_invalid: refuse(
    422,
    'These terms of a mandate contradict each other or the order.',
    'See the reason in the details.',
  ),
  mandate_charge_refused: refuse(
    422,
    'The mandate does not allow this charge.',
    'See the reason in the details; nothing was sent.',
  ),
  operation_in_progress: refuse(
    409,
    'The same operation is already under way for this payment.',
    'Wait for its outcome, then read the payment.',
  ),
  idempotency_in_flight: later(
    409,
    'A request with this Idempotency-Key is still being worked on.',
    'Send the same request again after Retry-After seconds.',
  ),
  idempotency_key_reused: refuse(
    422,
    'This Idempotency-Key was used before with another request.',
    'Use a fresh key for a different request.',
  ),
  session_not_open: refuse(409, 'The session is no longer open.', 'Open a new session for the order.'),
  capture_exceeds_authorized: refuse(
    422,
    'The capture is larger than what is left of the authorization.',
    'Capture at most the amount in the details.',
  ),
  allocation_exceeds_received: refuse(
    422,
    'The allocation is larger than what is left of the payment.',
    'Allocate at most the amount in the details.',
  ),
  allocation_exceeds_due: refuse(
    422,
    'The allocation is larger than what is still owed.',
    'Allocate at most the amount in the details; the rest stays credit.',
  ),
  refund_exceeds_captured: refuse(
    422,
    'The refund is larger than what is left of the captured amount.',
    'Refund at most the amount in the details.',
  ),
  attempts_exhausted: refuse(422, 'The order has used up its payment attempts.', 'Create a new order.'),
  webhook_endpoints_exhausted: refuse(
    422,
    'There are as many webhook endpoints as there may be.',
    'Delete one that is no longer used, or subscribe one endpoint to more event types.',
  ),
  gateway_accounts_exhausted: refuse(
    422,
    'There are as many gateway accounts as there may be.',
    'Use one that is there: its name and its credentials can be changed.',
  ),
  webhook_endpoint_disabled: refuse(409, 'The webhook endpoint is disabled.', 'Enable the endpoint, then send again.'),
  method_not_available: refuse(
    422,
    'This payment method is not available for this order.',
    'Choose a method that the session lists.',
  ),
  not_supported_by_gateway: refuse(
    422,
    'The gateway behind this account cannot do that.',
    'See the capabilities reference, or use another gateway account.',
  ),
  test_mode_only: refuse(403, 'This exists in test mode only.', 'Use a test key.'),
  live_mode_off: refuse(
    403,
    'Live mode is not switched on for this server.',
    'Ask the operator to set PURSER_LIVE=on.',
  ),

  // Limits and the other side.
  rate_limited: later(429, 'Too many requests.', 'Wait for Retry-After seconds.'),
  gateway_unavailable: later(
    503,
    'The payment gateway could not be reached. Nothing was sent and nothing was charged.',
    'Try again after Retry-After seconds.',
  ),
  test_clock_stuck: later(
    503,
    'A gateway that is played did not move its clock; the test clock stopped there.',
    'Repeat the call with the same Idempotency-Key: it goes on from where it stopped.',
  ),
  overloaded: later(503, 'The server has more work than it can take.', 'Try again after Retry-After seconds.'),
  not_ready: later(
    503,
    'The server is not ready to take requests.',
    'See the problem in the details; try again later.',
  ),
  database_unavailable: later(
    503,
    'The database cannot be reached.',
    'Try again after Retry-After seconds, with the same Idempotency-Key.',
  ),
  page_not_built: refuse(
    503,
    'This page has not been built on the server.',
    'Run npm run build where the server is installed, then load the page again.',
  ),
  internal_error: refuse(500, 'Something went wrong on our side.', 'Report the request id to the operator.'),
} as const satisfies Record<string, Entry>

export type ErrorCode = keyof typeof ERRORS

/** Safe to show to the caller: numbers as text where they are amounts. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean>>

export class AppError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly details: ErrorDetails
  // For the operator's log only. It never reaches a response.
  readonly internal: string | undefined

  constructor(code: ErrorCode, details: ErrorDetails = {}, options: { cause?: unknown; internal?: string } = {}) {
    super(ERRORS[code].message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.status = ERRORS[code].status
    this.details = details
    this.internal = options.internal
  }
}

/** States what must be true. A failure is our bug, never the caller's mistake. */
export function invariant(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new AppError('internal_error', {}, { internal: `Invariant broken: ${claim}` })
}

/** Makes a switch exhaustive at compile time, and loud at run time. */
export function unreachable(value: never): never {
  throw new AppError('internal_error', {}, { internal: `Unreachable value: ${String(value)}` })
}
