// Our errors in the envelope that clients of this API read: always an error_code and a developer_message. Where the API
// has a word of its own for one case of a general error, the route attaches it with `refusal`.
import { AppError, ERRORS } from '../../kernel/errors.ts'
import type { ErrorCode, ErrorDetails } from '../../kernel/errors.ts'
import type { ErrorContext, WordedError } from '../contract/dialect.ts'

export type Words = {
  readonly http: number
  /** error_code */
  readonly word: string
  /** error_info.code */
  readonly code: string
  readonly status?: string
  readonly message?: string
  /** For the payer, where it is not the message. */
  readonly userMessage?: string
  /** For the developer, and then for the payer as well, where it is not the message. */
  readonly developerMessage?: string
  readonly fields?: readonly { readonly field_name: string; readonly reason: string }[]
  /** Further members of the envelope. */
  readonly more?: object
  /** Instead of our error_info, apart from the request id: where one error has a shape of its own. */
  readonly info?: object
  /** Instead of the whole envelope. */
  readonly body?: object
}

type Worded = AppError & { readonly juspay?: Words }

/** An error of ours that this API words in its own way. */
export function refusal(code: ErrorCode, words: Words, details: ErrorDetails = {}): AppError {
  return Object.assign(new AppError(code, details), { juspay: words })
}

const MISSING = 'Mandatory fields are missing'

export function missingFields(...names: readonly string[]): AppError {
  return refusal('request_malformed', {
    http: 400,
    status: 'Bad Request',
    word: MISSING,
    code: 'INVALID_INPUT',
    message: MISSING,
    fields: names.map((field_name) => ({ field_name, reason: MISSING })),
  })
}

const input = (word = 'invalid_request'): Words => ({ http: 400, word, code: 'INVALID_INPUT' })
const action = (word = 'invalid_request_error'): Words => ({
  http: 400,
  word,
  code: 'INVALID_ACTION',
  status: 'Bad Request',
})
const unknown = (word: string): Words => ({ http: 404, word, code: 'RESOURCE_NOT_FOUND' })
const denied: Words = { http: 401, word: 'access_denied', code: 'UNAUTHORIZED' }
const forbidden: Words = { http: 403, word: 'access_denied', code: 'UNAUTHORIZED' }
const off = (http = 400): Words => ({ http, word: 'feature_not_enabled', code: 'FEATURE_NOT_ENABLED' })
const broken = (http: number): Words => ({ http, word: 'internal_error', code: 'INTERNAL_SERVER_ERROR' })
const duplicate = (word: string): Words => ({ http: 400, word, code: 'DUPLICATE_REQUEST' })
/** The field by the name that it has here. */
const at = (field_name: string) => ({ fields: [{ field_name, reason: 'Invalid value.' }] })

const WORDS: Record<ErrorCode, Words> = {
  request_malformed: input(),
  json_malformed: input(),
  json_too_deep: input(),
  json_duplicate_key: input(),
  json_forbidden_key: input(),
  encoding_invalid: input(),
  id_malformed: input(),
  cursor_invalid: input(),
  idempotency_key_missing: input(),
  idempotency_key_invalid: input(),
  http_malformed: input(),
  headers_too_large: { ...input(), http: 431 },
  request_timeout: { ...input(), http: 408 },
  body_too_large: { ...input(), http: 413 },
  media_type_unsupported: { ...input(), http: 415 },
  amount_invalid: input('invalid.amount'),
  currency_unknown: input('invalid.currency'),
  card_number_refused: input(),
  url_refused: input(),
  origin_not_registered: { http: 400, word: 'invalid_request', code: 'BAD_ORIGIN' },
  field_invalid: input(),
  credentials_missing: denied,
  credentials_invalid: denied,
  signature_invalid: denied,
  scope_missing: forbidden,
  origin_refused: { http: 403, word: 'access_denied', code: 'BAD_ORIGIN' },
  sign_in_refused: denied,
  route_not_found: unknown('not_found'),
  method_not_allowed: { http: 405, word: 'invalid_request', code: 'INVALID_ACTION' },
  order_not_found: { ...unknown('order_not_found'), status: 'NOT_FOUND', more: { status_id: 40 } },
  payment_not_found: unknown('txn_not_found'),
  refund_not_found: unknown('refund_not_found'),
  session_not_found: unknown('session_not_found'),
  customer_not_found: { http: 404, word: 'CUSTOMER_ID_NOT_FOUND', code: 'RESOURCE_NOT_FOUND' },
  saved_method_not_found: unknown('not_found'),
  event_not_found: unknown('not_found'),
  reconciliation_not_found: unknown('not_found'),
  dispute_not_found: unknown('not_found'),
  break_not_found: unknown('not_found'),
  delivery_not_found: unknown('not_found'),
  webhook_endpoint_not_found: unknown('not_found'),
  gateway_account_not_found: unknown('not_found'),
  mandate_not_found: unknown('mandate_not_found'),
  pre_debit_notice_not_found: unknown('notification_not_found'),
  signing_key_not_found: unknown('not_found'),
  receipt_not_found: unknown('not_found'),
  allocation_not_found: unknown('not_found'),
  order_reference_taken: {
    http: 400,
    status: 'Bad Request',
    word: 'invalid_request_error',
    code: 'ALREADY_EXISTS',
    message: 'Order with this order_id already exists',
    fields: [{ field_name: 'order_id', reason: 'Order with this order_id already exists' }],
  },
  refund_reference_taken: { ...duplicate('duplicate.call'), ...at('unique_request_id') },
  notice_reference_taken: { ...duplicate('duplicate.call'), ...at('object_reference_id') },
  customer_reference_taken: {
    http: 400,
    word: 'invalid_request',
    code: 'ALREADY_EXISTS',
    ...at('object_reference_id'),
  },
  order_not_payable: action(),
  order_not_changeable: action(),
  order_version_stale: { http: 400, word: 'invalid_request_error', code: 'EXPIRED' },
  dispute_state_conflict: action(),
  break_resolved: action(),
  payment_alive: action(),
  payment_unknown: action(),
  payment_state_conflict: action('Invalid'),
  refund_state_conflict: action(),
  allocation_state_conflict: action(),
  offline_payment_taken: action(),
  mandate_state_conflict: action(),
  mandate_terms_invalid: input('INVALID_REQUEST'),
  mandate_charge_refused: action(),
  operation_in_progress: action(),
  outcome_known: action(),
  refund_money_disputed: action(),
  second_person_needed: action(),
  idempotency_in_flight: duplicate('duplicate.call'),
  idempotency_key_reused: duplicate('duplicate.call'),
  session_not_open: { http: 401, word: 'access_denied', code: 'EXPIRED' },
  capture_exceeds_authorized: input('invalid.amount.exceeded'),
  allocation_exceeds_received: input('invalid.amount.exceeded'),
  allocation_exceeds_due: input('invalid.amount.exceeded'),
  refund_exceeds_captured: input('invalid.amount.exceeded'),
  attempts_exhausted: action('request.exceeded'),
  webhook_endpoints_exhausted: action(),
  gateway_accounts_exhausted: action(),
  webhook_endpoint_disabled: action(),
  method_not_available: {
    ...input('invalid_request_error'),
    status: 'Bad Request',
    message: "Can't find a suitable gateway to process the transaction",
  },
  not_supported_by_gateway: off(),
  test_mode_only: off(),
  live_mode_off: off(),
  rate_limited: { http: 429, word: 'request.exceeded', code: 'INVALID_ACTION' },
  gateway_unavailable: { http: 502, word: 'gateway_unavailable', code: 'UPSTREAM_API_ERROR' },
  test_clock_stuck: broken(503),
  overloaded: broken(503),
  not_ready: broken(503),
  database_unavailable: broken(503),
  page_not_built: broken(503),
  internal_error: broken(500),
}

const UNAUTHORIZED = {
  developer_message: 'Invalid API Key. Please pass a valid and active api key.',
  user_message: 'Unauthorized.',
}

export function wordError(error: Worded, context: ErrorContext): WordedError {
  const words = error.juspay ?? WORDS[error.code]
  if (words.body !== undefined) {
    return { status: words.http, contentType: 'application/json', body: JSON.stringify(words.body) }
  }
  const message = words.message ?? ERRORS[error.code].message
  const field = typeof error.details['field'] === 'string' ? error.details['field'] : undefined
  const reason = typeof error.details['reason'] === 'string' ? error.details['reason'] : 'Invalid value.'
  const fields = words.fields ?? (field === undefined ? undefined : [{ field_name: field, reason }])
  const isKeyError = error.code === 'credentials_invalid' || error.code === 'credentials_missing'
  const info = words.info ?? {
    ...(words.code === 'FEATURE_NOT_ENABLED' ? {} : { category: categoryOf(words) }),
    href: 'NA',
    code: words.code,
    ...(isKeyError
      ? UNAUTHORIZED
      : {
          developer_message: words.developerMessage ?? message,
          user_message: words.userMessage ?? words.developerMessage ?? message,
        }),
    ...(fields === undefined ? {} : { fields }),
  }
  const body = {
    status: words.status ?? 'error',
    ...words.more,
    error_code: words.word,
    error_message: message,
    error_info: { ...info, request_id: context.requestId },
  }
  return { status: words.http, contentType: 'application/json', body: JSON.stringify(body) }
}

function categoryOf({ code }: Words): string {
  return code === 'INTERNAL_SERVER_ERROR' || code === 'UPSTREAM_API_ERROR' ? 'PROCESSING_ERROR' : 'USER_ERROR'
}
