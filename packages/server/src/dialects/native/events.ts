// Events over the native API: what a receiver was told, or should have been.
import { Event, EventPage, ListEvents } from '@purser/protocol'
import { EventId, OrderId, PaymentId } from '../../kernel/ids.ts'
import { getEvent } from '../../operations/get-event.ts'
import { listEvents } from '../../operations/list-events.ts'
import { defined } from '../contract/defined.ts'
import { pageJson, pagingOf, periodOf } from '../contract/list-query.ts'
import { idParam, read } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { eventJson } from './words.ts'

const tag = 'Events'
const access = { kind: 'merchant', scope: 'read' } as const

export const eventRoutes: readonly Route[] = [
  read({
    path: '/v1/events',
    access,
    tag,
    summary: 'List events, newest first',
    query: ListEvents,
    reply: EventPage,
    read: async (deps, { actor, query }) => {
      const filter = {
        ...defined({
          type: query.type,
          orderId: query.order_id === undefined ? undefined : OrderId.parse(query.order_id),
          paymentId: query.payment_id === undefined ? undefined : PaymentId.parse(query.payment_id),
        }),
        ...periodOf(query),
        ...pagingOf(query),
      }
      return pageJson(await listEvents(deps, actor, filter), eventJson)
    },
  }),
  read({
    path: '/v1/events/:id',
    access,
    tag,
    summary: 'Read an event',
    params: { id: idParam(EventId) },
    reply: Event,
    read: async (deps, { actor, params }) => eventJson(await getEvent(deps, actor, params.id)),
  }),
]
