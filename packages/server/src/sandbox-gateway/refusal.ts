// How this gateway says no. These are a gateway's words on a gateway's wire, not Purser's errors: the connector has to
// read them like any other gateway's. Every code here means that the call changed nothing.

export const REFUSALS = {
  BAD_REQUEST: { status: 400, message: 'The request does not have the documented shape.' },
  UNAUTHORISED: { status: 401, message: 'The API key is missing or not known.' },
  CAPTURE_REJECTED: { status: 402, message: 'The issuer refused the capture. The hold stands.' },
  FORBIDDEN: { status: 403, message: 'The admin token is missing or wrong.' },
  NOT_FOUND: { status: 404, message: 'There is no such object in this account.' },
  NOT_ALLOWED_NOW: { status: 409, message: 'The payment is not in a state that allows this.' },
  AMOUNT_INVALID: { status: 422, message: 'The amount is not a decimal above zero that fits the currency.' },
  AMOUNT_TOO_HIGH: { status: 422, message: 'The amount is larger than what is left.' },
  CURRENCY_UNKNOWN: { status: 422, message: 'The currency is not known here.' },
  INSTRUMENT_UNKNOWN: { status: 422, message: 'There is no such test instrument.' },
  REFERENCE_REUSED: { status: 422, message: 'This reference or key was used before with another request.' },
  TOO_MANY_REQUESTS: { status: 429, message: 'Too many requests.' },
} as const

export type RefusalCode = keyof typeof REFUSALS

export class GatewayRefusal extends Error {
  readonly code: RefusalCode
  readonly status: number
  /** The field or the raw rejection code, where there is one. */
  readonly detail: string | undefined

  constructor(code: RefusalCode, detail?: string) {
    super(REFUSALS[code].message)
    this.name = 'GatewayRefusal'
    this.code = code
    this.status = REFUSALS[code].status
    this.detail = detail
  }
}

export function refusalBody({ code, message, detail }: GatewayRefusal) {
  return { error: { code, message, ...(detail === undefined ? {} : { detail }) } }
}
