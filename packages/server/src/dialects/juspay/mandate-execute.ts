// A charge of a mandate, asked for as a transaction that names one. It makes its order itself; where the payer has to
// be told ahead, that is done and the charge waits, which reads PENDING_VBV here.
import type { PaymentRecord } from '../../domain/payment/record.ts'
import { AppError } from '../../kernel/errors.ts'
import { chargeMandate } from '../../operations/charge-mandate.ts'
import { findNotice, getMandateFacts } from '../../operations/mandate-queries.ts'
import type { MandateFacts } from '../../operations/views.ts'
import { getOrder } from '../../operations/queries.ts'
import type { OrderView } from '../../operations/queries.ts'
import { defined } from '../contract/defined.ts'
import { amountOf } from './amounts.ts'
import { missingFields, refusal } from './errors.ts'
import { textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { noticeName } from './mandate-notices.ts'
import { epochIn, mandateName, notADate } from './mandate-words.ts'
import { customerIdOf } from './order-customer.ts'
import { below, detailsIn, orderReference } from './order-fields.ts'
import type { Call } from './route.ts'

export function namesMandate(fields: Fields): boolean {
  return textIn(fields, 'mandate_id') !== undefined || textIn(fields, 'mandate_token') !== undefined
}

/** @throws AppError mandate_not_found, and what chargeMandate throws */
export async function executeMandate(call: Call): Promise<{ view: OrderView; payment: PaymentRecord }> {
  const { actor, deps, fields } = call
  // A payer's token pays one order; it charges nobody.
  if (call.session !== null) throw new AppError('scope_missing', { scope: 'payments' })
  const own = below(fields, 'order.')
  const { mandate } = await namedMandate(call, own)
  const reference = textIn(own, 'order_id') ?? textIn(fields, 'order_id')
  const amount = amountOf(own, 'amount', mandate.maxAmount.currency)
  if (reference === undefined) throw missingFields('order.order_id')
  if (amount === undefined) throw missingFields('order.amount')
  const notification = textIn(fields, 'mandate.notification_id')
  const notice = notification === undefined ? undefined : await findNotice(deps, actor, noticeName(notification))
  const { description, metadata } = detailsIn(own)
  try {
    const payment = await chargeMandate(deps, actor, {
      mandateId: mandate.id,
      reference: orderReference(reference),
      amount,
      ...defined({
        debitDay: epochIn(fields, 'mandate.execution_date', notADate),
        noticeId: notice?.id,
        description,
        metadata,
      }),
    })
    if (payment.orderId === null) throw new AppError('order_not_found')
    return { view: await getOrder(deps, actor, payment.orderId), payment }
  } catch (error) {
    throw worded(error)
  }
}

async function namedMandate({ actor, deps, fields }: Call, own: Fields): Promise<MandateFacts> {
  const [id, token] = [textIn(fields, 'mandate_id'), textIn(fields, 'mandate_token')]
  const facts = await getMandateFacts(deps, actor, mandateName(id ?? token ?? ''))
  const isOther = token !== undefined && token.replace(/^tkn_/, '') !== facts.mandate.token
  const customer = textIn(own, 'customer_id')
  if (isOther || (customer !== undefined && !isOf(facts, customer))) throw new AppError('mandate_not_found')
  return facts
}

// Another customer's mandate is none at all.
function isOf({ customer }: MandateFacts, named: string): boolean {
  return customer !== null && (customer.reference === named || customerIdOf(named) === customer.id)
}

const FIELD_OF: Readonly<Record<string, string>> = {
  amount_above_maximum: 'order.amount',
  amount_not_exact: 'order.amount',
  notice_amount_exceeded: 'order.amount',
  notice_too_late: 'mandate.execution_date',
  day_past: 'mandate.execution_date',
  day_outside_rule: 'mandate.execution_date',
  mandate_not_started: 'mandate.execution_date',
  mandate_ended: 'mandate.execution_date',
  notice_failed: 'mandate.notification_id',
}

function worded(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'mandate_charge_refused') return error
  const reason = String(error.details['reason'])
  const message = `The mandate does not allow this charge: ${reason.replaceAll('_', ' ')}.`
  const fields = [{ field_name: FIELD_OF[reason] ?? 'mandate_id', reason: reason.replaceAll('_', ' ') }]
  const words = { http: 400, status: 'Bad Request', word: 'invalid_request_error', code: 'INVALID_ACTION' }
  return refusal('mandate_charge_refused', { ...words, message, fields })
}
