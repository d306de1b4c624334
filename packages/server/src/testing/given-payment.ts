// Captured payments and refunds that went through, put straight into the database: for tests about what comes after the
// money, without a gateway. Whoever tests how money moves uses start-server.ts.
import { GatewayAccountId, MerchantId, MODES, OrderId, PaymentId, RefundId } from '../kernel/ids.ts'
import type { Mode, Tenant } from '../kernel/ids.ts'
import { add, money } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import type { Order } from '../domain/order/order.ts'
import type { PaymentMethod } from '../domain/payment/method.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import type { PaymentFacts } from '../domain/payment/report.ts'
import type { RefundRecord } from '../domain/refund/refund.ts'
import { insertOrder } from '../store/orders.ts'
import { insertPayment, lockPayment, savePayment } from '../store/payments.ts'
import { insertRefund, lockRefund, saveRefund } from '../store/refunds.ts'
import type { TestDatabase } from './test-database.ts'

/** With a gateway account in each mode. */
export async function givenMerchant(db: TestDatabase, mode: Mode = 'live', name = 'Tea house'): Promise<Tenant> {
  const merchantId = MerchantId.create(new Date())
  await db.pools.owner.query(`insert into merchants (id, name, data_key) values ($1, $2, '')`, [merchantId, name])
  for (const each of MODES) await givenGatewayAccount(db, { merchantId, mode: each })
  return { merchantId, mode }
}

/** One that nothing can be sent to. */
export async function givenGatewayAccount(db: TestDatabase, tenant: Tenant): Promise<void> {
  await db.pools.owner.query(
    `insert into gateway_accounts (merchant_id, mode, id, connector, label, status, credentials_sealed)
     values ($1, $2, $3, 'sandbox', 'Sandbox', 'active', '')`,
    [tenant.merchantId, tenant.mode, GatewayAccountId.create(new Date())],
  )
}

export type GivenPayment = {
  readonly amount?: Money
  /** Default: the whole amount. Zero leaves it started and no more. */
  readonly captured?: Money
  readonly order?: Partial<Pick<Order, 'reference' | 'description' | 'payer'>>
  readonly method?: PaymentMethod
  readonly facts?: PaymentFacts
  readonly duplicate?: boolean
}

export function givenPayment(db: TestDatabase, tenant: Tenant, given: GivenPayment = {}): Promise<PaymentRecord> {
  const amount = given.amount ?? money(49_900n, 'INR')
  const captured = given.captured ?? amount
  return db.store.inTransaction(tenant, async (tx) => {
    const orderId = OrderId.create(new Date())
    const { rows } = await tx.query<{ id: GatewayAccountId }>(
      'select id from gateway_accounts where merchant_id = $1 and mode = $2',
      [tenant.merchantId, tenant.mode],
    )
    const account = rows[0]?.id
    if (account === undefined) throw new Error('Make the merchant with givenMerchant.')
    await insertOrder(tx, {
      id: orderId,
      reference: orderId,
      amount,
      description: 'Darjeeling, 250 g',
      customerId: null,
      payer: { name: 'Asha Sharma', email: 'asha@example.com', phone: null },
      metadata: {},
      returnUrl: null,
      capture: 'automatic',
      lateSuccess: 'accept',
      expiresAt: null,
      ...given.order,
    })
    const id = PaymentId.create(new Date())
    const started = await insertPayment(tx, {
      id,
      orderId,
      sessionId: null,
      gatewayAccountId: account,
      origin: 'ours',
      reference: id,
      amount,
      capture: 'automatic',
      method: given.method ?? 'card',
      instrument: { method: 'card' },
      status: 'created',
    })
    if (captured.minor === 0n) return started
    return savePayment(tx, started, {
      ...started,
      status: 'captured',
      amountAuthorized: amount,
      amountCaptured: captured,
      capturedAt: tx.now,
      facts: given.facts ?? { network: 'visa', lastFour: '1111', rrn: '412345678901' },
      duplicate: given.duplicate ?? false,
    })
  })
}

export function givenRefund(
  db: TestDatabase,
  tenant: Tenant,
  paymentId: PaymentId,
  given: { readonly amount: Money; readonly status?: 'pending' | 'succeeded' },
): Promise<RefundRecord> {
  return db.store.inTransaction(tenant, async (tx) => {
    const payment = await lockPayment(tx, paymentId)
    if (payment.gatewayAccountId === null) throw new Error('No gateway knows of this payment.')
    const id = RefundId.create(new Date())
    const asked = await insertRefund(tx, {
      id,
      paymentId,
      orderId: payment.orderId,
      gatewayAccountId: payment.gatewayAccountId,
      reference: id,
      gatewayRefundId: null,
      amount: given.amount,
      reason: 'not_satisfied',
      note: '',
      automatic: false,
      status: 'pending',
    })
    if (given.status === 'pending') {
      await savePayment(tx, payment, {
        ...payment,
        amountRefundPending: add(payment.amountRefundPending, given.amount),
      })
      return asked
    }
    await savePayment(tx, payment, { ...payment, amountRefunded: add(payment.amountRefunded, given.amount) })
    const refund = await lockRefund(tx, id)
    return saveRefund(tx, refund, {
      ...refund,
      status: 'succeeded',
      succeededAt: tx.now,
      arn: '74332744012345678901234',
    })
  })
}
