// An address of the merchant that receives events, and what it wants to hear. Its secrets are not part of it: they are
// shown once, kept sealed, and opened only to sign.
import { AppError } from '../../kernel/errors.ts'
import type { WebhookEndpointId } from '../../kernel/ids.ts'
import { isEventType } from './event.ts'
import type { EventType } from './event.ts'

/** `*` stands for every type, those of later versions too. */
export type Subscription = EventType | '*'

/** By request, because it answered 410, or because it failed for days without a success. */
export const DISABLED_REASONS = ['requested', 'gone', 'failing'] as const
export type DisabledReason = (typeof DISABLED_REASONS)[number]

export type WebhookEndpoint = {
  readonly id: WebhookEndpointId
  readonly url: string
  readonly description: string
  readonly eventTypes: readonly Subscription[]
  readonly status: 'enabled' | 'disabled'
  readonly disabledReason: DisabledReason | null
  /** Since when no try succeeded; null while all is well. */
  readonly failingSince: Date | null
  /** Until when the secret before the present one signs along. */
  readonly previousSecretUntil: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Per merchant and mode. */
export const ENDPOINTS_MAX = 20
const DESCRIPTION_LENGTH_MAX = 200

/** Without repeats, in the order given. @throws AppError field_invalid */
export function parseSubscriptions(types: readonly string[]): readonly Subscription[] {
  if (types.length === 0) throw new AppError('field_invalid', { field: 'event_types', reason: 'empty' })
  for (const type of types) {
    if (type !== '*' && !isEventType(type)) {
      throw new AppError('field_invalid', { field: 'event_types', reason: 'unknown', value: type.slice(0, 64) })
    }
  }
  return [...new Set(types)] as Subscription[]
}

/** @throws AppError field_invalid */
export function parseDescription(text: string): string {
  if (text.length > DESCRIPTION_LENGTH_MAX) {
    throw new AppError('field_invalid', { field: 'description', reason: 'too_long', max: DESCRIPTION_LENGTH_MAX })
  }
  return text
}
