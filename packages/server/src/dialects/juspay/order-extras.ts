// Around an order: what the merchant tells of handing the goods over, and the list of orders that the oldest clients
// page through by number.
import { AppError } from '../../kernel/errors.ts'
import { countOrders, getOrder, listOrders } from '../../operations/queries.ts'
import { recordFulfilment } from '../../operations/record-fulfilment.ts'
import { missingFields, refusal } from './errors.ts'
import { textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { orderObject } from './order-object.ts'
import { namedOrder } from './orders.ts'
import type { Call, JuspayRoute } from './route.ts'
import { dateText } from './words.ts'

async function fulfil(call: Call): Promise<unknown> {
  const { deps, actor, fields } = call
  const { order } = await namedOrder(call, call.param('order_id'))
  const status = textIn(fields, 'fulfillment_status')
  if (status === undefined) throw missingFields('fulfillment_status')
  const told = await recordFulfilment(deps, actor, {
    orderId: order.id,
    status: status.toUpperCase(),
    command: (textIn(fields, 'fulfillment_command') ?? 'NO_ACTION').toUpperCase(),
    reference: textIn(fields, 'fulfillment_id') ?? null,
    note: textIn(fields, 'fulfillment_data') ?? '',
  }).catch((error: unknown) => Promise.reject(withoutTxn(error)))
  return {
    status: 'SUCCESS',
    merchant_id: call.place.merchantId,
    order_id: order.reference,
    commands: [
      { status: 'SUCCESS', metadata: told.note, date_created: dateText(told.createdAt), command: told.command },
    ],
  }
}

function withoutTxn(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'payment_not_found') return error
  return refusal('payment_not_found', {
    http: 400,
    status: 'ERROR',
    word: 'No txn Found',
    code: 'RESOURCE_NOT_FOUND',
    // The vendor's spelling, and its space.
    message: 'No successfull txn found for given order_id ',
    userMessage: 'Cannot process your request as no transaction found for this order.',
  })
}

const COUNT_MAX = 50
const OFFSET_MAX = 950

async function list(call: Call): Promise<unknown> {
  const { deps, actor, fields } = call
  const count = numberIn(fields, 'count', 10, COUNT_MAX)
  const offset = numberIn(fields, 'offset', 0, OFFSET_MAX)
  const total = await countOrders(deps, actor)
  const { items } = await listOrders(deps, actor, { limit: offset + count })
  const views = await Promise.all(items.slice(offset).map(({ id }) => getOrder(deps, actor, id)))
  return { count: views.length, offset, total, list: views.map((view) => orderObject(view, call.place)) }
}

function numberIn(fields: Fields, name: string, otherwise: number, most: number): number {
  const text = textIn(fields, name)
  if (text === undefined) return otherwise
  const number = /^\d{1,4}$/.test(text) ? Number.parseInt(text, 10) : most + 1
  if (number > most) throw new AppError('field_invalid', { field: name, reason: `is not between 0 and ${most}` })
  return number
}

export const orderExtraRoutes: readonly JuspayRoute[] = [
  { method: 'POST', paths: ['/orders/:order_id/fulfillment'], who: { key: 'orders' }, handle: fulfil },
  { method: 'GET', paths: ['/order/list'], who: { key: 'read' }, handle: list },
]
