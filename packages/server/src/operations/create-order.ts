// Makes an order: what is to be paid, by the merchant's own reference. One transaction: the row, its event, its key.
import type { Order, PayerDetails } from '../domain/order/order.ts'
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { MandateId, OrderId } from '../kernel/ids.ts'
import type { CustomerId } from '../kernel/ids.ts'
import type { Money } from '../kernel/money.ts'
import { insertAudit } from '../store/audit.ts'
import { insertOrder } from '../store/orders.ts'
import { announceOrder } from './announce.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'
import { assertTerms, createMandate } from './register-mandate.ts'
import type { MandateCommand } from './register-mandate.ts'

export type CreateOrderCommand = {
  readonly reference: string
  readonly amount: Money
  readonly description?: string
  readonly payer?: Partial<PayerDetails>
  readonly customerId?: CustomerId
  readonly metadata?: Readonly<Record<string, string>>
  /** Trusted for this order: it came with a secret key. */
  readonly returnUrl?: string
  /** Default automatic: captured in the same step. */
  readonly capture?: 'automatic' | 'manual'
  readonly lateSuccess?: 'accept' | 'refund'
  /** In business time. Absent: the order never runs out. */
  readonly expiresAt?: Date
  /** Instead: how long it can be paid from when it is made, ms. */
  readonly lastsMs?: number
  /** Paying the order registers it. */
  readonly mandate?: MandateCommand
  readonly idempotency?: Idempotency
}

/** @throws AppError order_reference_taken, url_refused, field_invalid, customer_not_found, mandate_terms_invalid */
export async function createOrder(deps: Deps, actor: Actor, command: CreateOrderCommand): Promise<Order> {
  if (command.returnUrl !== undefined) assertReturnUrl(command.returnUrl)
  const order = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const id = OrderId.create(deps.clock.now())
    await command.idempotency?.claim(tx, id)
    const expiresAt = command.lastsMs === undefined ? command.expiresAt : addMs(tx.now, command.lastsMs)
    if (expiresAt !== undefined && expiresAt.getTime() <= tx.now.getTime()) {
      throw new AppError('field_invalid', { field: 'expires_at', reason: 'in_the_past' })
    }
    const mandate = termsOf(command.mandate, tx.now)
    const capture = command.capture ?? 'automatic'
    if (mandate !== undefined) assertTerms(mandate, { amount: command.amount, capture }, tx.now)
    const mandateId = mandate === undefined ? null : MandateId.create(deps.clock.now())
    const order = await insertOrder(tx, {
      id,
      reference: command.reference,
      amount: command.amount,
      description: command.description ?? '',
      customerId: command.customerId ?? null,
      payer: { name: null, email: null, phone: null, ...command.payer },
      metadata: command.metadata ?? {},
      returnUrl: command.returnUrl ?? null,
      capture,
      lateSuccess: command.lateSuccess ?? 'accept',
      expiresAt: expiresAt ?? null,
      mandateId,
    })
    await announceOrder(tx, 'order.created', order)
    if (mandate !== undefined && mandateId !== null) {
      const about = { id: mandateId, orderId: id, customerId: order.customerId, command: mandate }
      await createMandate(tx, { ...about, actor: actorName(actor), requestId: actor.requestId })
    }
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'order.created',
      objectId: id,
      requestId: actor.requestId,
      details: { reference: order.reference, amount: order.amount.minor.toString(), currency: order.amount.currency },
    })
    await command.idempotency?.settle(tx, order)
    return order
  })
  deps.nudge('deliveries')
  return order
}

/**
 * Where a payer's browser may be sent: an absolute http(s) address without credentials. @throws AppError url_refused
 */
export function assertReturnUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const fine =
    url !== undefined &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    url.username === '' &&
    url.password === '' &&
    text.length <= 2_048
  if (!fine) throw new AppError('url_refused', { field: 'return_url', reason: 'not_an_absolute_http_url' })
}

function termsOf(mandate: MandateCommand | undefined, now: Date) {
  return mandate === undefined ? undefined : { ...mandate, startsAt: mandate.startsAt ?? now }
}
