// Orders: create in both generations of the answer, status, update. The aliases are paths of older clients, and one is
// a bug of the published Node client, which leaves the slash out.
import { AppError } from '../../kernel/errors.ts'
import { createOrder } from '../../operations/create-order.ts'
import { openSession } from '../../operations/open-session.ts'
import { findOrderByReference, getOrder } from '../../operations/queries.ts'
import type { OrderView } from '../../operations/queries.ts'
import { updateOrder } from '../../operations/update-order.ts'
import { defined } from '../contract/defined.ts'
import { amountOf } from './amounts.ts'
import { missingFields } from './errors.ts'
import { isTrue, textIn } from './fields.ts'
import { detailsIn, orderCommand, orderReference } from './order-fields.ts'
import { orderHead, orderObject, paymentLinks } from './order-object.ts'
import { versionOf } from './route.ts'
import type { Call, JuspayRoute } from './route.ts'
import { isOfNamed, makeOrTakeUp } from './same-order.ts'
import { dateText, orderStatus, STATUS_IDS } from './words.ts'

const NEWER = '2018-10-25'

/** @throws AppError order_not_found, also for an order that the caller's token is not for */
export async function namedOrder(call: Call, name?: string): Promise<OrderView> {
  const reference = name ?? textIn(call.fields, 'order_id')
  if (reference === undefined) throw missingFields('order_id')
  if (!/^[ -~]{1,64}$/.test(reference)) throw new AppError('order_not_found')
  const view = await findOrderByReference(call.deps, call.actor, reference)
  if (call.session !== null && call.session.order.id !== view.order.id) throw new AppError('order_not_found')
  return view
}

async function create(call: Call): Promise<unknown> {
  const { id } = await createOrder(call.deps, call.actor, await orderCommand(call))
  return created(call, await getOrder(call.deps, call.actor, id))
}

async function created(call: Call, view: OrderView): Promise<unknown> {
  const wantsToken = isTrue(call.fields, 'options.get_client_auth_token')
  if (versionOf(call) < NEWER && !wantsToken) {
    const { id, reference } = view.order
    const links = paymentLinks(view.order, call.place)
    return { status: 'CREATED', status_id: STATUS_IDS.CREATED, id, order_id: reference, payment_links: links }
  }
  const head = { ...orderHead(view, call.place), source_object: '', source_object_id: '' }
  if (!wantsToken) return head
  const { clientToken, session } = await openSession(call.deps, call.actor, { orderId: view.order.id })
  const juspay = { client_auth_token: clientToken, client_auth_token_expiry: dateText(session.expiresAt) }
  return { ...head, juspay }
}

// Older clients change an order by creating it again while nobody has tried to pay it.
async function createOrUpdate(call: Call): Promise<unknown> {
  const { isMade, view } = await makeOrTakeUp(call, call.fields, { amount: true })
  if (isMade) return created(call, view)
  if (orderStatus(view) !== 'NEW') throw new AppError('order_reference_taken')
  return created(call, await changed(call, view))
}

async function changed(call: Call, view: OrderView): Promise<OrderView> {
  const { order } = view
  if (orderStatus(view) === 'CHARGED') throw new AppError('order_not_changeable')
  if (!isOfNamed(view, call.fields)) throw new AppError('order_not_changeable', { field: 'customer_id' })
  const details = detailsIn(call.fields)
  const after = await updateOrder(call.deps, call.actor, {
    orderId: order.id,
    ...defined({
      ...details,
      metadata: details.metadata === undefined ? undefined : { ...order.metadata, ...details.metadata },
      amount: amountOf(call.fields, 'amount', order.amount.currency),
    }),
  })
  return { ...view, order: after }
}

const update =
  (nameOf: (call: Call) => string | undefined) =>
  async (call: Call): Promise<unknown> => {
    const view = await changed(call, await namedOrder(call, nameOf(call)))
    return orderHead(view, call.place)
  }

const status =
  (nameOf: (call: Call) => string | undefined) =>
  async (call: Call): Promise<unknown> => {
    const fullGatewayResponse = isTrue(call.fields, 'options.add_full_gateway_response')
    return orderObject(await namedOrder(call, nameOf(call)), call.place, { fullGatewayResponse })
  }

const inPath = (call: Call) => call.param('order_id')
const inFields = () => undefined

export const showOrder = status(inFields)

export const orderRoutes: readonly JuspayRoute[] = [
  { method: 'POST', paths: ['/orders', '/ecr/orders'], who: { key: 'orders' }, handle: create },
  { method: 'POST', paths: ['/order/create'], who: { key: 'orders' }, handle: createOrUpdate },
  {
    method: 'GET',
    paths: ['/orders/:order_id', '/txns/v2/orders/:order_id'],
    who: { key: 'read', token: true },
    handle: status(inPath),
  },
  {
    method: 'GET',
    paths: ['/order/status', '/orderStatus'],
    who: { key: 'read', token: true },
    handle: status(inFields),
  },
  {
    method: 'POST',
    paths: ['/order/status', '/orderStatus'],
    who: { key: 'read', token: true },
    handle: status(inFields),
  },
  { method: 'POST', paths: ['/orders/:order_id'], who: { key: 'orders' }, handle: update(inPath) },
  {
    method: 'POST',
    paths: ['/orders:order_id'],
    who: { key: 'orders' },
    handle: update((call) => orderReference(call.param('order_id'))),
  },
  { method: 'POST', paths: ['/order/update'], who: { key: 'orders' }, handle: update(inFields) },
]
