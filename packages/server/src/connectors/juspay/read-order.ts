// One way to read a reply that shows an order: the order, the news that there is none, or a refusal of the call.
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { Result } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import type { WireReply } from '../contract/wire.ts'
import { isRefusal, JuspayOrder, JuspayRefusal, refused } from './wire.ts'
import type { JuspayOrder as Order } from './wire.ts'

/** A missing order: 404, 400 or 200, and its words alone tell it (wire juspay 11). */
const Missing = Type.Object({ status: Type.Literal('NOT_FOUND') })
const Reply = Type.Union([JuspayOrder, Missing, JuspayRefusal])

export function orderPath(orderId: string): string {
  return `/orders/${encodeURIComponent(orderId)}`
}

export function readOrder<Report>(
  reply: WireReply,
  translate: (order: Order) => Result<Report>,
  missing: Result<Report> = { kind: 'unknown', reason: 'The gateway does not know an order that it named.' },
): Result<Report> {
  return readReply(reply, Reply, (body, status) => {
    if (isRefusal(body)) return body.error_code === 'order_not_found' ? missing : refused(body, status)
    return Value.Check(JuspayOrder, body) ? translate(body) : missing
  })
}
