// The protocol and the server write the same shapes down twice, because neither may import the other's types. This file
// compiles only while both say the same; the test beside it compares the lists that exist at run time.
import * as protocol from '@purser/protocol'
import { expect, test } from 'vitest'
import { EXECUTION_STATUSES } from '../src/domain/mandate/execution.ts'
import type { ExecutionJson, MandateJson, NoticeJson } from '../src/domain/mandate/json.ts'
import { FREQUENCIES } from '../src/domain/mandate/mandate.ts'
import { NOTICE_STATUSES } from '../src/domain/mandate/notice.ts'
import { MANDATE_STATUSES } from '../src/domain/mandate/states.ts'
import { ORDER_STATUSES } from '../src/domain/order/states.ts'
import { DECLINES } from '../src/domain/payment/decline-codes.ts'
import { PAYMENT_METHODS } from '../src/domain/payment/method.ts'
import type { Instrument } from '../src/domain/payment/method.ts'
import { CAUSES } from '../src/domain/payment/record.ts'
import { DECLINE_STAGES } from '../src/domain/payment/report.ts'
import { PAYMENT_STATUSES } from '../src/domain/payment/states.ts'
import type { ReceiptJson } from '../src/domain/receipt/json.ts'
import { REFUND_REASONS } from '../src/domain/refund/refund.ts'
import { REFUND_STATUSES } from '../src/domain/refund/states.ts'
import { SESSION_STATUSES } from '../src/domain/session/states.ts'
import { DELIVERY_STATUSES } from '../src/domain/webhook/delivery.ts'
import { DISABLED_REASONS } from '../src/domain/webhook/endpoint.ts'
import { EVENT_TYPES } from '../src/domain/webhook/event.ts'
import type { OrderJson, PaymentJson, RefundJson, SessionJson } from '../src/domain/webhook/objects.ts'
import { MAX_MINOR } from '../src/kernel/money.ts'

// Brands and `readonly` are the server's own affair; everything else must be the same, optional fields included.
type Plain<T> = T extends string
  ? T extends object
    ? string
    : T
  : T extends readonly (infer E)[]
    ? Plain<E>[]
    : T extends object
      ? { -readonly [K in keyof T]: Plain<T[K]> }
      : T
type Same<A, B> = [A] extends [B]
  ? [B] extends [A]
    ? [keyof A, keyof B] extends [keyof B, keyof A]
      ? true
      : false
    : false
  : false

// For the server a currency is one of a list and a message one of a few sentences; for clients both are text.
type Widened<T> = T extends (infer E)[]
  ? Widened<E>[]
  : T extends object
    ? { [K in keyof T]: K extends 'currency' | 'message' ? string : Widened<T[K]> }
    : T
type Agrees<Server, Client> = Same<Widened<Plain<Server>>, Plain<Client>>

const agreements: {
  order: Agrees<OrderJson, protocol.Order>
  payment: Agrees<PaymentJson, protocol.Payment>
  refund: Agrees<RefundJson, protocol.Refund>
  session: Agrees<SessionJson, protocol.Session>
  receipt: Agrees<ReceiptJson, protocol.Receipt>
  instrument: Agrees<Instrument, protocol.Instrument>
  mandate: Agrees<MandateJson, protocol.Mandate>
  preDebitNotice: Agrees<NoticeJson, protocol.PreDebitNotice>
  execution: Agrees<ExecutionJson, protocol.MandateExecution>
} = {
  order: true,
  payment: true,
  refund: true,
  session: true,
  receipt: true,
  instrument: true,
  mandate: true,
  preDebitNotice: true,
  execution: true,
}

test('The protocol knows every word that the domain knows, in the same order', () => {
  expect(Object.values(agreements)).not.toContain(false)
  expect(protocol.OrderStatus.enum).toEqual(ORDER_STATUSES)
  expect(protocol.PaymentStatus.enum).toEqual(PAYMENT_STATUSES)
  expect(protocol.PaymentMethod.enum).toEqual(PAYMENT_METHODS)
  expect(protocol.DeclineCode.enum).toEqual(Object.keys(DECLINES))
  expect(protocol.Decline.properties.stage.enum).toEqual(DECLINE_STAGES)
  expect(protocol.RefundStatus.enum).toEqual(REFUND_STATUSES)
  expect(protocol.RefundReason.enum).toEqual(REFUND_REASONS)
  expect(protocol.MandateStatus.enum).toEqual(MANDATE_STATUSES)
  expect(protocol.Frequency.enum).toEqual(FREQUENCIES)
  expect(protocol.MandateExecution.properties.status.enum).toEqual(EXECUTION_STATUSES)
  expect(protocol.PreDebitNotice.properties.status.enum).toEqual(NOTICE_STATUSES)
  expect(protocol.SessionStatus.enum).toEqual(SESSION_STATUSES)
  expect(protocol.EventType.enum).toEqual(Object.keys(EVENT_TYPES))
  expect(protocol.DeliveryStatus.enum).toEqual(DELIVERY_STATUSES)
  expect(protocol.WebhookEndpoint.properties.disabled_reason.anyOf[0].enum).toEqual(DISABLED_REASONS)
  expect(protocol.Transition.properties.cause.enum).toEqual(CAUSES)
  expect(BigInt(protocol.MAX_AMOUNT)).toBe(MAX_MINOR)
})
