// The API of an app or a page: it holds a session's client token and may see and pay that session's order. What is paid
// comes from the order alone; no amount is ever taken from here.
import { DeletedSavedMethod, SdkPayment, SdkSession, SdkStartPayment } from '@purser/protocol'
import { PaymentId, SavedMethodId } from '../../kernel/ids.ts'
import { cancelPayment } from '../../operations/cancel-payment.ts'
import { deleteOwnSavedMethod } from '../../operations/delete-saved-method.ts'
import { readSession, readSessionPayment, sessionOf } from '../../operations/read-session.ts'
import { startPayment } from '../../operations/start-payment.ts'
import { watchPayment } from '../../operations/watch-payment.ts'
import { meansOf } from '../contract/chosen-instrument.ts'
import { idParam, read, readEvents, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { deletedSavedMethodJson } from '../contract/saved-method-json.ts'
import { sdkPaymentJson, sdkSessionJson } from './words.ts'

const tag = 'App'

export const sdkRoutes: readonly Route[] = [
  read({
    path: '/sdk/v1/session',
    access: { kind: 'session' },
    tag,
    summary: 'Read the session: the order, how it can be paid, and the attempts so far',
    reply: SdkSession,
    read: async (deps, { actor }) => sdkSessionJson(await readSession(deps, actor)),
  }),
  write({
    path: '/sdk/v1/payments',
    access: { kind: 'session', attempt: true },
    tag,
    summary: 'Start a payment attempt',
    body: SdkStartPayment,
    reply: SdkPayment,
    status: 201,
    act: (deps, { actor, body, idempotency }) =>
      startPayment(deps, actor, {
        sessionId: sessionOf(actor),
        ...meansOf(body),
        idempotency,
      }),
    resume: (deps, { actor, subjectId }) => readSessionPayment(deps, actor, PaymentId.parse(subjectId)),
    answer: sdkPaymentJson,
  }),
  read({
    path: '/sdk/v1/payments/:id',
    access: { kind: 'session' },
    tag,
    summary: "Read an attempt of the session's order",
    params: { id: idParam(PaymentId) },
    reply: SdkPayment,
    read: async (deps, { actor, params }) => sdkPaymentJson(await readSessionPayment(deps, actor, params.id)),
  }),
  readEvents({
    path: '/sdk/v1/payments/:id/events',
    access: { kind: 'session' },
    tag,
    summary: "Follow an attempt of the session's order: server-sent events",
    description:
      'Each `data` is the payment as `GET /sdk/v1/payments/:id` tells it: at once, and after each change. ' +
      'Ends with the outcome. A hint to look, not a promise: ask as well.',
    params: { id: idParam(PaymentId) },
    events: async function* (deps, { actor, params }, signal) {
      for await (const news of watchPayment(deps, actor, params.id, signal)) {
        yield news === 'beat' ? ': still here\n\n' : `data: ${JSON.stringify(sdkPaymentJson(news))}\n\n`
      }
    },
  }),
  write({
    path: '/sdk/v1/payments/:id/cancel',
    access: { kind: 'session', attempt: true },
    tag,
    summary: 'Stop an attempt: the payer chose another way to pay',
    description: 'The gateway has the word: read `status`. `requires_action` means that it did not say.',
    params: { id: idParam(PaymentId) },
    reply: SdkPayment,
    act: async (deps, { actor, params, idempotency }) => {
      const { id } = await readSessionPayment(deps, actor, params.id)
      return cancelPayment(deps, actor, { paymentId: id, sessionId: sessionOf(actor), idempotency })
    },
    resume: (deps, { actor, subjectId }) => readSessionPayment(deps, actor, PaymentId.parse(subjectId)),
    answer: sdkPaymentJson,
  }),
  write({
    method: 'DELETE',
    path: '/sdk/v1/saved-methods/:id',
    access: { kind: 'session' },
    tag,
    summary: 'Forget a method that the payer saved',
    params: { id: idParam(SavedMethodId) },
    reply: DeletedSavedMethod,
    act: async (deps, { actor, params, idempotency }) => {
      await deleteOwnSavedMethod(deps, actor, { savedMethodId: params.id, idempotency })
      return params.id
    },
    resume: async (_deps, { subjectId }) => SavedMethodId.parse(subjectId),
    answer: deletedSavedMethodJson,
  }),
]
