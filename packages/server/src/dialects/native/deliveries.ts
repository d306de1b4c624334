// Deliveries over the native API: the log of what was sent, and sending something again.
import { Delivery } from '@purser/protocol'
import { DeliveryId } from '../../kernel/ids.ts'
import { getDelivery } from '../../operations/get-delivery.ts'
import { resendDelivery } from '../../operations/resend-delivery.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { deliveryJson } from './words.ts'

const tag = 'Webhooks'
const params = { id: idParam(DeliveryId) }

export const deliveryRoutes: readonly Route[] = [
  read({
    path: '/v1/deliveries/:id',
    access: { kind: 'merchant', scope: 'read' },
    tag,
    summary: 'Read a delivery with its attempts',
    params,
    reply: Delivery,
    read: async (deps, { actor, params }) => deliveryJson(await getDelivery(deps, actor, params.id)),
  }),
  write({
    path: '/v1/deliveries/:id/resend',
    access: { kind: 'merchant', scope: 'webhooks' },
    tag,
    summary: 'Send the event of a delivery again',
    description: 'Makes a delivery of its own. The webhook-id stays the same, so a receiver that has it drops it.',
    params,
    reply: Delivery,
    status: 201,
    act: (deps, { actor, params, idempotency }) => resendDelivery(deps, actor, { deliveryId: params.id, idempotency }),
    resume: (deps, { actor, subjectId }) => getDelivery(deps, actor, DeliveryId.parse(subjectId)),
    answer: deliveryJson,
  }),
]
