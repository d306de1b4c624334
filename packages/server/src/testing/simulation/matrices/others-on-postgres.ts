// The other nouns on Postgres: mandates and sessions hear every event in every status, and every command is given to an
// order in each of its statuses.
import { expireDue } from '../../../jobs/expire.ts'
import { AppError } from '../../../kernel/errors.ts'
import { MandateId } from '../../../kernel/ids.ts'
import type { OrderId, PaymentId, SessionId } from '../../../kernel/ids.ts'
import { money } from '../../../kernel/money.ts'
import { MANDATE_EVENTS } from '../../../domain/mandate/states.ts'
import type { MandateEventType } from '../../../domain/mandate/states.ts'
import { cancelOrder } from '../../../operations/cancel-order.ts'
import { capturePayment } from '../../../operations/capture-payment.ts'
import { createOrder } from '../../../operations/create-order.ts'
import { expireSession } from '../../../operations/expire.ts'
import { moveMandate } from '../../../operations/move-mandate.ts'
import { openSession } from '../../../operations/open-session.ts'
import { getOrder } from '../../../operations/queries.ts'
import { startPayment } from '../../../operations/start-payment.ts'
import { updateOrder } from '../../../operations/update-order.ts'
import { lockMandate } from '../../../store/mandates.ts'
import { closeSessionsOfOrder } from '../../../store/sessions.ts'
import type { Outcome } from '../gateway-model.ts'
import type { Till } from '../till.ts'
import { cellsOf, MANDATE, SESSION } from './drawn.ts'
import { inTx } from './on-postgres.ts'
import { saidOf } from './reached.ts'
import type { Reached } from './reached.ts'

const AMOUNT = money(1_000n, 'INR')
const IN_A_LONG_TIME = new Date('2040-01-01T00:00:00Z')
const SOURCE = { cause: 'notification', actor: 'gateway:matrices', requestId: null } as const

let count = 0
const reference = () => `other-${(count += 1)}`

const TERMS = {
  requirement: 'required',
  maxAmount: AMOUNT,
  amountRule: 'variable',
  frequency: 'as_presented',
  dayRule: null,
  startsAt: null,
  endsAt: IN_A_LONG_TIME,
  revocableByCustomer: true,
  blockFunds: false,
  registrationUsesPeriod: false,
} as const

const WAY_TO_MANDATE: Readonly<Record<string, readonly MandateEventType[]>> = {
  created: [],
  active: ['activated'],
  paused: ['activated', 'paused'],
  revoked: ['revoked'],
  expired: ['expired'],
  failed: ['failed'],
}

export async function reachMandates(till: Till, reached: Reached): Promise<void> {
  for (const { status, event, expected } of cellsOf(MANDATE)) {
    const wanted = { reference: reference(), amount: AMOUNT, mandate: TERMS }
    const { id: orderId, mandateId } = await createOrder(till.deps, till.actor, wanted)
    const id = MandateId.parse(mandateId ?? '')
    // An attempt names its gateway; this one says nothing about the mandate by itself.
    await startPayment(till.deps, till.actor, { orderId, instrument: CARD })
    const named = { gatewayMandateId: `gm_${id}` }
    const hear = (name: MandateEventType) =>
      inTx(till, async (tx) => moveMandate(tx, SOURCE, await lockMandate(tx, id), name, named))
    for (const step of WAY_TO_MANDATE[status] ?? []) await hear(step)
    const conflicts = async () => {
      const { rows } = await till.db.pools.owner.query(
        `select id from purser.conflicts where details ->> 'mandate_id' = $1`,
        [id],
      )
      return rows.length
    }
    const before = await conflicts()
    const known = MANDATE_EVENTS.find((name) => name === event)
    if (known === undefined) throw new Error(`A mandate has no event ${event}.`)
    const after = await hear(known)
    const said = saidOf(status, after.status, (await conflicts()) - before)
    reached.cell('mandate', `${status} ${event}`, 'postgres', said, expected)
  }
}

/** Closing and running out; claiming is the business of no operation yet, and is only asked in memory. */
export async function reachSessions(till: Till, reached: Reached): Promise<void> {
  const { owner } = till.db.pools
  const cells = cellsOf(SESSION).filter(({ event }) => event !== 'claim')
  const made: { id: SessionId; orderId: OrderId }[] = []
  const set = (id: SessionId, status: string) =>
    owner.query('update purser.sessions set status = $2, version = version + 1 where id = $1', [id, status])
  for (const { status } of cells) {
    const order = await createOrder(till.deps, till.actor, { reference: reference(), amount: AMOUNT })
    const { session } = await openSession(till.deps, till.actor, { orderId: order.id })
    if (status !== 'open') await set(session.id, status)
    made.push({ id: session.id, orderId: order.id })
  }
  await till.advance(1_000)
  for (const [at, { status, event, expected }] of cells.entries()) {
    const { id, orderId } = made[at] ?? {}
    if (id === undefined || orderId === undefined) throw new Error('Every cell has a session.')
    if (event === 'close') await inTx(till, (tx) => closeSessionsOfOrder(tx, orderId))
    else await expireSession(till.deps, till.actor.tenant, id)
    const { rows } = await owner.query<{ status: string }>('select status from purser.sessions where id = $1', [id])
    reached.cell('session', `${status} ${event}`, 'postgres', saidOf(status, rows[0]?.status ?? '', 0), expected)
  }
}

const NO_PAYING = 'order_not_payable order_not_changeable order_not_changeable order_not_payable'
const BUSY = 'payment_alive order_not_changeable order_not_changeable ok'
// To pay, to call off, to change the amount, to open a session.
const COMMANDS: Readonly<Record<string, string>> = {
  open: 'ok ok ok ok',
  awaiting_collection: BUSY,
  processing: BUSY,
  'processing, unknown': 'payment_unknown payment_unknown order_not_changeable payment_unknown',
  authorized: BUSY,
  partially_paid: NO_PAYING,
  paid: NO_PAYING,
  expired: 'order_not_payable ok order_not_changeable order_not_payable',
  canceled: 'order_not_payable ok order_not_changeable order_not_payable',
}

const CARD = { method: 'card', token: 'tok_approve' } as const

/** `bank` is what the payer's bank says to the next payment. */
export async function reachOrders(till: Till, bank: (next: Outcome | 'lost') => void, reached: Reached): Promise<void> {
  const { deps, actor } = till
  const give: readonly ((orderId: OrderId) => Promise<unknown>)[] = [
    (orderId) => startPayment(deps, actor, { orderId, instrument: CARD }),
    (orderId) => cancelOrder(deps, actor, { orderId }),
    (orderId) => updateOrder(deps, actor, { orderId, amount: money(900n, 'INR') }),
    (orderId) => openSession(deps, actor, { orderId }),
  ]
  const names = ['pay', 'call off', 'change the amount', 'open a session']
  for (const [row, drawn] of Object.entries(COMMANDS)) {
    for (const [at, command] of give.entries()) {
      const orderId = await orderIn(till, bank, row)
      const [status = ''] = row.split(',')
      const { order } = await getOrder(deps, actor, orderId)
      if (order.status !== status) throw new Error(`The way to ${row} led to ${order.status}.`)
      bank('approve')
      const said = await command(orderId).then(
        () => 'ok',
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      )
      reached.cell('order', `${row}: ${names[at]}`, 'postgres', said, drawn.split(' ')[at] ?? '')
    }
  }
}

async function orderIn(till: Till, bank: (next: Outcome | 'lost') => void, row: string): Promise<OrderId> {
  const { deps, actor } = till
  const isHeld = row === 'authorized' || row === 'partially_paid'
  const expiresAt = row === 'expired' ? await soon(till) : undefined
  const { id: orderId } = await createOrder(deps, actor, {
    reference: reference(),
    amount: AMOUNT,
    capture: isHeld ? 'manual' : 'automatic',
    ...(expiresAt === undefined ? {} : { expiresAt }),
  })
  const pay = () => startPayment(deps, actor, { orderId, instrument: CARD })
  bank(row === 'processing' ? 'pending' : row === 'processing, unknown' ? 'lost' : 'approve')
  if (row === 'awaiting_collection') {
    await startPayment(deps, actor, { orderId, instrument: { method: 'cash_on_delivery' } })
  } else if (row === 'canceled') {
    await cancelOrder(deps, actor, { orderId })
  } else if (expiresAt !== undefined) {
    await till.advance(120)
    while ((await expireDue(deps, 10)) > 0);
  } else if (row !== 'open') {
    const { id } = await pay()
    if (row === 'partially_paid') await takeAPart(till, id)
  }
  return orderId
}

const takeAPart = ({ deps, actor }: Till, paymentId: PaymentId) =>
  capturePayment(deps, actor, { paymentId, amount: money(400n, 'INR') })

/** A minute from now, by the merchant's clock. */
async function soon(till: Till): Promise<Date> {
  const { rows } = await till.db.pools.owner.query<{ at: Date }>(
    `select now() + clock_offset + interval '1 minute' as at from purser.merchants where id = $1`,
    [till.merchantId],
  )
  if (rows[0] === undefined) throw new Error('A till has a merchant.')
  return rows[0].at
}
