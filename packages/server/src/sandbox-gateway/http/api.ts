// The API that a merchant calls with its key: payments, captures, voids, cancels, refunds, and questions about them.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { cancelPayment, takeStep } from '../actions/change-payment.ts'
import type { StepCommand } from '../actions/change-payment.ts'
import type { AskedPayment } from '../actions/create-payment.ts'
import { createPayment, withMeans } from '../actions/create-payment.ts'
import type { RefundCommand } from '../actions/create-refund.ts'
import { createRefund } from '../actions/create-refund.ts'
import { accountNow } from '../actions/context.ts'
import { standingAt } from '../book/mandate.ts'
import type { BookPayment } from '../book/payment.ts'
import type { BookRefund } from '../book/refund.ts'
import type { Fault } from '../faults.ts'
import { findInstrument } from '../instruments.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { listDisputes } from '../store/disputes.ts'
import { findMandate } from '../store/mandates.ts'
import { findPayment, findPaymentByReference } from '../store/payments.ts'
import { findRefund, findRefundByReference } from '../store/refunds.ts'
import { paymentView, refundView } from '../views.ts'
import type { Answered, Call } from './answer.ts'
import { serveCall } from './answer.ts'
import type { GatewayContext } from './context.ts'
import { disputeRoutes } from './disputes.ts'
import { mandateRoutes } from './mandates.ts'
import { readCapture, readPayment, readRefund, readVoid } from './read.ts'

type ById = { Params: { id: string } }
type ByReference = { Params: { reference: string } }

export function apiRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.post('/v1/payments', (request, reply) =>
    serveCall(context, request, reply, () => authorizeCall(context, readPayment(request.body))),
  )
  app.post<ById>('/v1/payments/:id/capture', (request, reply) =>
    serveCall(context, request, reply, () =>
      stepCall(context, readCapture(named(request.params.id), keyOf(request), request.body)),
    ),
  )
  app.post<ById>('/v1/payments/:id/void', (request, reply) =>
    serveCall(context, request, reply, () => stepCall(context, readVoid(named(request.params.id), keyOf(request)))),
  )
  app.post<ById>('/v1/payments/:id/cancel', (request, reply) =>
    serveCall(context, request, reply, () => cancelCall(context, named(request.params.id))),
  )
  app.get<ByReference>('/v1/payments/by-reference/:reference', (request, reply) =>
    serveCall(context, request, reply, () => {
      const reference = named(request.params.reference)
      return queryCall(context, (account) => findPaymentByReference(context.pool, account.id, reference), reference)
    }),
  )
  app.get<ById>('/v1/payments/:id', (request, reply) =>
    serveCall(context, request, reply, () => {
      const id = named(request.params.id)
      return queryCall(context, (account) => findPayment(context.pool, account.id, id))
    }),
  )
  app.post('/v1/refunds', (request, reply) =>
    serveCall(context, request, reply, () => refundCall(context, readRefund(request.body))),
  )
  app.get<ByReference>('/v1/refunds/by-reference/:reference', (request, reply) =>
    serveCall(context, request, reply, () => {
      const reference = named(request.params.reference)
      return queryRefundCall((account) => findRefundByReference(context.pool, account.id, reference), reference)
    }),
  )
  app.get<ById>('/v1/refunds/:id', (request, reply) =>
    serveCall(context, request, reply, () => {
      const id = named(request.params.id)
      return queryRefundCall((account) => findRefund(context.pool, account.id, id))
    }),
  )
  mandateRoutes(app, context)
  disputeRoutes(app, context)
}

function authorizeCall(context: GatewayContext, asked: AskedPayment): Call {
  return {
    name: 'authorize',
    references: async () => [asked.reference],
    apply: async (account, fault) => {
      const command = await withMeans(context, account, asked)
      const script = findInstrument(command.method, command.instrument)?.script
      if (script?.reply === 'http_500_not_applied') return { status: 500, body: {}, reply: script.reply }
      const forgetful = fault?.name === 'forget_idempotency'
      const { payment, isNew } = await createPayment(context, account, command, { forgetful })
      if (isNew) context.nudge(payment.status === 'PENDING' ? 'due' : 'notices')
      // A repeat is answered plainly: who asks again after a lost answer gets one.
      const trouble = isNew && script?.reply !== undefined ? { reply: script.reply } : {}
      return { ...(await paymentAnswer(context, account, payment, fault, isNew ? 201 : 200)), ...trouble }
    },
  }
}

function refundCall(context: GatewayContext, command: RefundCommand): Call {
  return {
    name: 'refund',
    references: async (account) => [command.reference, ...(await referencesOf(context, account, command.paymentId))],
    apply: async (account, fault) => {
      const forgetful = fault?.name === 'forget_idempotency'
      const { refund, isNew } = await createRefund(context, account, command, { forgetful })
      if (isNew) context.nudge('due')
      return { status: isNew ? 201 : 200, body: refundView(refund, withFault(fault)), objectId: refund.id }
    },
  }
}

function queryCall(
  context: GatewayContext,
  find: (account: Account) => Promise<BookPayment | undefined>,
  reference?: string,
): Call {
  return {
    name: 'query',
    references: async (account) => namesOf(reference ?? (await find(account))?.reference),
    apply: async (account, fault) => paymentAnswer(context, account, await find(account), fault),
  }
}

function queryRefundCall(find: (account: Account) => Promise<BookRefund | undefined>, reference?: string): Call {
  return {
    name: 'query_refund',
    references: async (account) => namesOf(reference ?? (await find(account))?.reference),
    apply: async (account, fault) => {
      const refund = await find(account)
      if (refund === undefined) throw new GatewayRefusal('NOT_FOUND', 'refund')
      return { status: 200, body: refundView(refund, withFault(fault)) }
    },
  }
}

function stepCall(context: GatewayContext, command: StepCommand): Call {
  return {
    name: command.kind,
    references: (account) => referencesOf(context, account, command.paymentId),
    apply: async (account, fault) => {
      const forgetful = fault?.name === 'forget_idempotency'
      const payment = await takeStep(context, account, command, { forgetful })
      context.nudge('notices')
      return paymentAnswer(context, account, payment, fault)
    },
  }
}

function cancelCall(context: GatewayContext, paymentId: string): Call {
  return {
    name: 'cancel',
    references: (account) => referencesOf(context, account, paymentId),
    apply: async (account, fault) => {
      const payment = await cancelPayment(context, account, paymentId)
      context.nudge('notices')
      return paymentAnswer(context, account, payment, fault)
    },
  }
}

/** @throws GatewayRefusal NOT_FOUND */
async function paymentAnswer(
  context: GatewayContext,
  account: Account,
  payment: BookPayment | undefined,
  fault: Fault | undefined,
  status = 200,
): Promise<Answered> {
  if (payment === undefined) throw new GatewayRefusal('NOT_FOUND', 'payment')
  const { notificationSecret } = account
  const mandate =
    payment.mandateId === null ? undefined : await findMandate(context.pool, account.id, payment.mandateId)
  const beside = mandate === undefined ? {} : { mandate: standingAt(mandate, accountNow(context, account)) }
  const disputes = payment.paid === 0n ? [] : await listDisputes(context.pool, account.id, [payment.id])
  const about = { notificationSecret, baseUrl: context.baseUrl(), disputes }
  const view = paymentView(payment, { ...about, ...beside, ...withFault(fault) })
  return { status, body: view, objectId: payment.id }
}

async function referencesOf(context: GatewayContext, account: Account, paymentId: string): Promise<string[]> {
  const payment = await findPayment(context.pool, account.id, paymentId)
  return payment === undefined ? [] : [payment.reference]
}

function namesOf(reference: string | undefined): string[] {
  return reference === undefined ? [] : [reference]
}

/** A name from the path. What cannot be the name of anything is not looked up. @throws GatewayRefusal NOT_FOUND */
function named(text: string): string {
  if (!/^[!-~]{1,64}$/.test(text)) throw new GatewayRefusal('NOT_FOUND')
  return text
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' ? key : undefined
}

function withFault(fault: Fault | undefined): { fault?: Fault } {
  return fault === undefined ? {} : { fault }
}
