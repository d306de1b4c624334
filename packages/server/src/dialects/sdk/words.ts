// What a payer's app or page is shown. Chosen field by field: a field that is added to a payment stays the merchant's
// alone until somebody writes it here.
import { mandateJson } from '../../domain/mandate/json.ts'
import type { Mandate } from '../../domain/mandate/mandate.ts'
import type { Order } from '../../domain/order/order.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import { orderJson, paymentJson } from '../../domain/webhook/objects.ts'
import { exponentOf } from '../../kernel/currencies.ts'
import { sdkSavedMethodJson } from '../contract/saved-method-json.ts'
import type { TestInstrument } from '../../operations/deps.ts'
import type { SessionView } from '../../operations/read-session.ts'

export function sdkPaymentJson(payment: PaymentRecord) {
  const { id, object, status, amount, currency, method, action, decline, version, created_at } = paymentJson(payment)
  return {
    id,
    object,
    status,
    amount,
    currency,
    method,
    action,
    decline: decline === null ? null : { code: decline.code, message: decline.message },
    version,
    created_at,
  }
}

export function sdkSessionJson(view: SessionView) {
  return {
    object: 'session' as const,
    id: view.session.id,
    status: view.session.status,
    can_pay: view.canPay,
    expires_at: view.session.expiresAt.toISOString(),
    return_url: view.session.returnUrl,
    frame_origins: view.session.frameOrigins,
    merchant: { name: view.merchantName, logo: view.page.logo, color: view.page.color },
    order: summaryJson(view.order),
    mandate: view.mandate === null ? null : consentJson(view.mandate),
    methods: view.methods,
    saved_methods: view.savedMethods.map(sdkSavedMethodJson),
    savable: view.savable,
    test_mode: view.testMode,
    test_instruments: view.testInstruments.map(testInstrumentJson),
    payments: view.payments.map(sdkPaymentJson),
  }
}

function summaryJson(order: Order) {
  const { id, reference, description, amount, currency, status } = orderJson(order)
  return { id, reference, description, amount, currency, exponent: exponentOf(order.amount.currency), status }
}

function consentJson(mandate: Mandate) {
  const {
    requirement,
    max_amount,
    currency,
    amount_rule,
    frequency,
    day_rule,
    starts_at,
    ends_at,
    revocable_by_customer,
    block_funds,
  } = mandateJson(mandate)
  return {
    requirement,
    max_amount,
    currency,
    amount_rule,
    frequency,
    day_rule,
    starts_at,
    ends_at,
    revocable_by_customer,
    block_funds,
  }
}

function testInstrumentJson({ method, value, label, hint, brand, lastFour }: TestInstrument) {
  return {
    method,
    value,
    label,
    hint,
    ...(brand === undefined ? {} : { brand }),
    ...(lastFour === undefined ? {} : { last_four: lastFour }),
  }
}
