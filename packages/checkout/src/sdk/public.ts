// What an app sees of the web SDK, and nothing else: this file is shipped as its types. The shapes are those that apps
// with a payment SDK know: a payload in, events in one envelope out. A result is a hint to the app; whether an order is
// paid is for the merchant's server to ask.

/** As the vendors' SDKs take it, or a session just as Purser's API answered it. */
export type Payload =
  | {
      readonly requestId?: string
      /** `purser`; others are passed on in the events unchanged. */
      readonly service?: string
      readonly payload?: {
        readonly action?: string
        /** `client_token` of a session. */
        readonly clientAuthToken?: string
        /** Where Purser is. By default where the script came from. */
        readonly baseUrl?: string
        readonly [more: string]: unknown
      }
    }
  | { readonly client_token?: string; readonly base_url?: string; readonly [more: string]: unknown }

export type EventName = 'show_loader' | 'hide_loader' | 'initiate_result' | 'process_result' | 'sessionExpired'

export type ResultStatus =
  /** Paid, or held. Ask your server before you hand anything over. */
  | 'charged'
  | 'cod_initiated'
  /** The payer left before anything was started. */
  | 'backpressed'
  /** The payer left while a payment waited for them: it may still be paid. */
  | 'user_aborted'
  | 'pending_vbv'
  /** Not known yet. Never take it for a failure. */
  | 'authorizing'
  | 'authorization_failed'
  | 'authentication_failed'
  | 'api_failure'
  | 'new'
  /** Of initiate_result. */
  | 'success'

export type PurserEvent = {
  readonly service: string
  readonly requestId: string
  readonly event: EventName
  readonly error: boolean
  /** `JP_001` and the like; empty without an error. */
  readonly errorCode: string
  readonly errorMessage: string
  readonly payload: {
    readonly action?: 'initiate' | 'paymentPage'
    readonly status?: ResultStatus
    readonly orderId?: string
    readonly paymentInstrument?: string
    /** initiate_result: what the session can be paid with. */
    readonly methods?: readonly string[]
    /** sessionExpired. */
    readonly timestamp?: string
  }
}

export type OnEvent = (event: PurserEvent) => void

export type PurserSdk = {
  /** On the first screen: brings the payment page into the browser's cache. May be called without anything. */
  readonly preFetch: (payload?: Payload | string) => void
  /** On the order summary: warms the page, with its session if the payload names one. Answers by `initiate_result`. */
  readonly initiate: (payload: Payload | string, onEvent: OnEvent) => void
  /** Opens the payment page. Before `initiate_result` it waits for that, at most 15 seconds. */
  readonly process: (payload: Payload | string) => void
  /** True when the payment page took the press; otherwise it is the app's. */
  readonly onBackPressed: () => boolean
  readonly isInitialised: () => boolean
  /** Frees everything. Never stops a payment. May be called at any time and twice; `initiate` works after it. */
  readonly terminate: () => void
}
