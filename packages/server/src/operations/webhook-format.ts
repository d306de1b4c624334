// Webhooks in the shape of somebody else's API: which name an event has there, what its body is, how its sender proves
// itself, and when it is tried again. A dialect brings one; whoever has no format gets our own events.
import type { EventType } from '../domain/webhook/event.ts'
import type { Mandate } from '../domain/mandate/mandate.ts'
import type { PreDebitNotice } from '../domain/mandate/notice.ts'
import type { MandateFacts, OrderView } from './views.ts'

/** Events of payments and refunds are about their order. */
export type EventSubject =
  | { readonly kind: 'order'; readonly view: OrderView }
  | { readonly kind: 'mandate'; readonly facts: MandateFacts }
  | { readonly kind: 'notice'; readonly notice: PreDebitNotice; readonly mandate: Mandate }

export type FormatEvent = {
  readonly id: string
  readonly type: EventType
  readonly objectId: string
  readonly createdAt: Date
  /** Our own body of it, as every other endpoint gets it. */
  readonly body: string
  /** What it is about, as it is when the body is made. */
  readonly about: EventSubject
  readonly merchantId: string
  readonly publicUrl: string
}

/** What the receiver knows the sender by. Kept sealed. */
export type Sender = {
  readonly username: string
  readonly password: string
  readonly headers: Readonly<Record<string, string>>
}

export type WebhookFormat = {
  /** Our event types that can become one of these names. */
  typesOf(names: readonly string[]): readonly EventType[]
  /** Undefined when none of the names fits; then nothing is sent. */
  render(event: FormatEvent, names: readonly string[]): string | undefined
  headers(sender: Sender): Readonly<Record<string, string>>
  isAccepted(httpStatus: number): boolean
  /** Milliseconds after this many tries; undefined when there is no further one. */
  nextDelayMs(tries: number): number | undefined
}

export type WebhookFormats = ReadonlyMap<string, WebhookFormat>

export const SENDER_FIELD = 'webhook_endpoint.sender'
