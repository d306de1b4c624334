// A message that proves nothing but a password: nobody's money moves by it. What it names is compared with our own row,
// a difference is shown to a person, and then the gateway is asked, at once and whatever our payment has come to: its
// answer goes through the one door like any other.
import type { MandateClaim, PaymentClaim } from '../domain/payment/report.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { equals } from '../kernel/money.ts'
import { OperationId } from '../kernel/ids.ts'
import type { GatewayAccountId } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { findMandate, lookAtMandate } from '../store/mandates.ts'
import { insertOperation, listOpenOperations, lookAtOperations } from '../store/operations.ts'
import { lockOrderOfPayment } from '../store/orders.ts'
import { findPayment, lockPayment } from '../store/payments.ts'
import { recordConflict } from './announce.ts'
import type { Deps } from './deps.ts'

/** False when we do not know the payment that it is about. */
export async function heedPaymentClaim(
  deps: Deps,
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  claim: PaymentClaim,
): Promise<boolean> {
  const found = await findPayment(tx, gatewayAccountId, claim)
  if (found === undefined) return false
  await lockOrderOfPayment(tx, found.id)
  const payment = await lockPayment(tx, found.id)
  const wrong = differenceOf(payment, claim)
  if (wrong !== undefined) {
    await recordConflict(deps, tx, payment, wrong, {
      reported_amount: claim.amount?.minor.toString() ?? '',
      reported_currency: claim.amount?.currency ?? '',
      gateway_payment_id: claim.gatewayPaymentId,
      cause: 'notification',
    })
  }
  await askNow(deps, tx, payment)
  return true
}

function differenceOf({ amount }: PaymentRecord, claim: PaymentClaim): string | undefined {
  if (claim.amount === undefined) return undefined
  if (claim.amount.currency !== amount.currency) return 'wrong_currency'
  return equals(claim.amount, amount) ? undefined : 'wrong_amount'
}

/** Calls that are open are asked about now; where none asks for news of the payment, a question is opened. */
async function askNow(deps: Deps, tx: Tx, payment: PaymentRecord): Promise<void> {
  const open = await listOpenOperations(tx, payment.id)
  await lookAtOperations(tx, payment.id)
  if (open.some(({ kind }) => kind === 'authorize' || kind === 'question')) return
  await insertOperation(tx, {
    id: OperationId.create(deps.clock.now()),
    paymentId: payment.id,
    refundId: null,
    kind: 'question',
    amount: payment.amount,
    final: true,
    targetTotal: null,
    toSend: false,
    dueAt: tx.now,
  })
}

/** False when we do not know the mandate that it is about. */
export async function heedMandateClaim(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  claim: MandateClaim,
): Promise<boolean> {
  const mandate = await findMandate(tx, gatewayAccountId, claim)
  if (mandate === undefined) return false
  await lookAtMandate(tx, mandate.id)
  return true
}
