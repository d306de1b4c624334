// The text and the headers of deliveries to endpoints of another format. A text is made at the first try, from the
// order or the mandate as it is then, and kept: a receiver that drops repeats by their id never meets two texts under
// one.
import { MandateId, PreDebitNoticeId } from '../kernel/ids.ts'
import type { DeliveryId } from '../kernel/ids.ts'
import { readMandate } from '../store/mandates.ts'
import { readOrder } from '../store/orders.ts'
import { readNotice } from '../store/pre-debit-notices.ts'
import type { Tx } from '../store/db.ts'
import { keepFormattedBody } from '../store/delivery-queue.ts'
import type { LeasedDelivery } from '../store/delivery-queue.ts'
import type { Deps } from './deps.ts'
import { factsOfMandate } from './mandate-queries.ts'
import { viewOf } from './queries.ts'
import { SENDER_FIELD } from './webhook-format.ts'
import type { EventSubject, Sender, WebhookFormat } from './webhook-format.ts'

export type FormattedDelivery = {
  readonly format: WebhookFormat
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Those of another format that have something to say; what is left out should not be sent. */
export async function formatDeliveries(
  deps: Deps,
  tx: Tx,
  leased: readonly LeasedDelivery[],
): Promise<ReadonlyMap<DeliveryId, FormattedDelivery>> {
  const formatted = new Map<DeliveryId, FormattedDelivery>()
  for (const delivery of leased) {
    const format = deps.webhookFormats?.get(delivery.format)
    if (format === undefined || delivery.senderSealed === null) continue
    const body = delivery.formattedBody ?? (await makeBody(deps, tx, delivery, format))
    if (body === undefined) continue
    const sender = JSON.parse(await deps.vault.open(tx, SENDER_FIELD, delivery.senderSealed)) as Sender
    formatted.set(delivery.id, { format, headers: format.headers(sender), body })
  }
  return formatted
}

async function makeBody(
  deps: Deps,
  tx: Tx,
  delivery: LeasedDelivery,
  format: WebhookFormat,
): Promise<string | undefined> {
  const { orderId: _, ...event } = delivery.event
  const about = await subjectOf(tx, delivery.event)
  if (about === undefined) return undefined
  const place = { merchantId: tx.tenant.merchantId, publicUrl: deps.publicUrl() }
  const told = { ...event, ...place, id: delivery.eventId, body: delivery.body, about }
  const body = format.render(told, delivery.formatNames)
  if (body !== undefined) await keepFormattedBody(tx, delivery.id, body)
  return body
}

async function subjectOf(tx: Tx, event: LeasedDelivery['event']): Promise<EventSubject | undefined> {
  const { objectId, orderId } = event
  if (MandateId.is(objectId)) {
    return { kind: 'mandate', facts: await factsOfMandate(tx, await readMandate(tx, objectId)) }
  }
  if (PreDebitNoticeId.is(objectId)) {
    const notice = await readNotice(tx, objectId)
    return { kind: 'notice', notice, mandate: await readMandate(tx, notice.mandateId) }
  }
  return orderId === null ? undefined : { kind: 'order', view: await viewOf(tx, await readOrder(tx, orderId)) }
}
