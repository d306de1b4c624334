// What crosses the wire between us and a gateway or a merchant's endpoint. `not_sent` and `no_reply` must never be
// mixed up: the first means that certainly nothing happened, the second that everything may have happened.

/** One HTTP request, complete. Header names in lower case; `host`, lengths and encodings are the sender's business. */
export type WireRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What came of it. `reason` is a short stable word such as `connect_refused` or `timeout`, safe to store and show. */
export type WireReply =
  | {
      readonly kind: 'reply'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  /** Refused before a byte left: DNS, connect refused, TLS, guard, breaker open. */
  | { readonly kind: 'not_sent'; readonly reason: string }
  /** It may have arrived: time-out, reset, half a body, too large. */
  | { readonly kind: 'no_reply'; readonly reason: string }
