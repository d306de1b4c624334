// Webhook endpoints over the native API. A secret is in the answer that makes it and in no other.
import {
  CreateWebhookEndpoint,
  DeletedWebhookEndpoint,
  Delivery,
  DeliveryPage,
  ListDeliveries,
  RotateWebhookSecret,
  UpdateWebhookEndpoint,
  WebhookEndpoint,
  WebhookEndpointList,
  WebhookEndpointWithSecret,
} from '@purser/protocol'
import { DeliveryId, EventId, WebhookEndpointId } from '../../kernel/ids.ts'
import { createWebhookEndpoint } from '../../operations/create-webhook-endpoint.ts'
import type { EndpointWithSecret } from '../../operations/create-webhook-endpoint.ts'
import { deleteWebhookEndpoint } from '../../operations/delete-webhook-endpoint.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { getDelivery } from '../../operations/get-delivery.ts'
import { getWebhookEndpoint } from '../../operations/get-webhook-endpoint.ts'
import { listDeliveries } from '../../operations/list-deliveries.ts'
import { listWebhookEndpoints } from '../../operations/list-webhook-endpoints.ts'
import { resumeWebhookSecret, rotateWebhookSecret } from '../../operations/rotate-webhook-secret.ts'
import { sendTestEvent } from '../../operations/send-test-event.ts'
import { updateWebhookEndpoint } from '../../operations/update-webhook-endpoint.ts'
import { defined } from '../contract/defined.ts'
import { pageJson, pagingOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { deliveryJson, endpointJson } from './words.ts'

const tag = 'Webhooks'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canWrite = { kind: 'merchant', scope: 'webhooks' } as const
const params = { id: idParam(WebhookEndpointId) }

function secretJson({ endpoint, secret }: EndpointWithSecret) {
  return { ...endpointJson(endpoint), secret }
}

function resumeSecret(deps: Deps, { actor, subjectId }: { actor: Actor; subjectId: string }) {
  return resumeWebhookSecret(deps, actor, WebhookEndpointId.parse(subjectId))
}

export const webhookEndpointRoutes: readonly Route[] = [
  write({
    path: '/v1/webhook-endpoints',
    access: canWrite,
    tag,
    summary: 'Make a webhook endpoint',
    description: 'Its signing secret is in this answer and in no other.',
    body: CreateWebhookEndpoint,
    reply: WebhookEndpointWithSecret,
    status: 201,
    isSecret: true,
    act: (deps, { actor, body, idempotency }) =>
      createWebhookEndpoint(deps, actor, {
        url: body.url,
        eventTypes: body.event_types ?? ['*'],
        ...defined({ description: body.description }),
        idempotency,
      }),
    resume: resumeSecret,
    answer: secretJson,
  }),
  read({
    path: '/v1/webhook-endpoints',
    access: canRead,
    tag,
    summary: 'List the webhook endpoints, oldest first',
    reply: WebhookEndpointList,
    read: async (deps, { actor }) => ({
      object: 'list' as const,
      items: (await listWebhookEndpoints(deps, actor)).items.map(endpointJson),
      next_cursor: null,
    }),
  }),
  read({
    path: '/v1/webhook-endpoints/:id',
    access: canRead,
    tag,
    summary: 'Read a webhook endpoint',
    params,
    reply: WebhookEndpoint,
    read: async (deps, { actor, params }) => endpointJson(await getWebhookEndpoint(deps, actor, params.id)),
  }),
  write({
    path: '/v1/webhook-endpoints/:id',
    access: canWrite,
    tag,
    summary: 'Change a webhook endpoint',
    params,
    body: UpdateWebhookEndpoint,
    reply: WebhookEndpoint,
    act: (deps, { actor, params, body, idempotency }) =>
      updateWebhookEndpoint(deps, actor, {
        endpointId: params.id,
        ...defined({
          url: body.url,
          eventTypes: body.event_types,
          description: body.description,
          status: body.status,
        }),
        idempotency,
      }),
    resume: (deps, { actor, subjectId }) => getWebhookEndpoint(deps, actor, WebhookEndpointId.parse(subjectId)),
    answer: endpointJson,
  }),
  write({
    method: 'DELETE',
    path: '/v1/webhook-endpoints/:id',
    access: canWrite,
    tag,
    summary: 'Delete a webhook endpoint',
    params,
    reply: DeletedWebhookEndpoint,
    act: async (deps, { actor, params, idempotency }) => {
      await deleteWebhookEndpoint(deps, actor, { endpointId: params.id, idempotency })
      return params.id
    },
    resume: async (_deps, { subjectId }) => WebhookEndpointId.parse(subjectId),
    answer: (id) => ({ id, object: 'webhook_endpoint' as const, deleted: true as const }),
  }),
  write({
    path: '/v1/webhook-endpoints/:id/rotate-secret',
    access: canWrite,
    tag,
    summary: 'Replace the signing secret',
    description: 'The secret before signs along until the overlap ends.',
    params,
    body: RotateWebhookSecret,
    reply: WebhookEndpointWithSecret,
    isSecret: true,
    act: (deps, { actor, params, body, idempotency }) =>
      rotateWebhookSecret(deps, actor, {
        endpointId: params.id,
        ...defined({ overlapSeconds: body.overlap_seconds }),
        idempotency,
      }),
    resume: resumeSecret,
    answer: secretJson,
  }),
  write({
    path: '/v1/webhook-endpoints/:id/test',
    access: canWrite,
    tag,
    summary: 'Send a test event',
    params,
    reply: Delivery,
    status: 201,
    act: (deps, { actor, params, idempotency }) => sendTestEvent(deps, actor, { endpointId: params.id, idempotency }),
    resume: (deps, { actor, subjectId }) => getDelivery(deps, actor, DeliveryId.parse(subjectId)),
    answer: deliveryJson,
  }),
  read({
    path: '/v1/webhook-endpoints/:id/deliveries',
    access: canRead,
    tag,
    summary: 'List the deliveries to an endpoint, newest first',
    params,
    query: ListDeliveries,
    reply: DeliveryPage,
    read: async (deps, { actor, params, query }) => {
      await getWebhookEndpoint(deps, actor, params.id)
      const filter = {
        endpointId: params.id,
        ...defined({
          status: query.status,
          eventId: query.event_id === undefined ? undefined : EventId.parse(query.event_id),
        }),
        ...pagingOf(query),
      }
      return pageJson(await listDeliveries(deps, actor, filter), deliveryJson)
    },
  }),
]
