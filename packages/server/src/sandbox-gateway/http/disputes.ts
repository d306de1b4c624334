// Disputes over the wire: questions and answers of the merchant, and what the payer's bank does, which the operator of
// the sandbox plays.
import { Type } from 'typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { answerDispute, concedeDispute, decideDispute, openDispute } from '../actions/dispute.ts'
import { GATEWAY_DISPUTE_REASONS } from '../book/dispute.ts'
import type { BookDispute, GatewayDisputeReason } from '../book/dispute.ts'
import type { Fault, GatewayCall } from '../faults.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { findDispute } from '../store/disputes.ts'
import { findPayment, findPaymentByReference } from '../store/payments.ts'
import { disputeView } from '../views.ts'
import type { Call } from './answer.ts'
import { serveCall } from './answer.ts'
import type { GatewayContext } from './context.ts'
import { Amount, Name, reader, readMoney, Reference } from './shapes.ts'

const strict = { additionalProperties: false } as const
const DAY_MS = 86_400_000

const readEvidence = reader(
  Type.Object(
    {
      reference: Reference,
      statement: Type.String({ minLength: 1, maxLength: 4_000 }),
      references: Type.Array(Type.String({ minLength: 1, maxLength: 500 }), { maxItems: 20 }),
    },
    strict,
  ),
)
const readNothing = reader(Type.Object({}, strict))
const readOpening = reader(
  Type.Object(
    {
      payment: Name,
      ...Amount,
      reason: Type.Optional(Type.Union(GATEWAY_DISPUTE_REASONS.map((word) => Type.Literal(word)))),
      answer_in_ms: Type.Optional(Type.Integer({ minimum: 1, maximum: 90 * DAY_MS })),
    },
    strict,
  ),
)
const readDecision = reader(Type.Object({ outcome: Type.Union([Type.Literal('WON'), Type.Literal('LOST')]) }, strict))

type ById = { Params: { id: string } }

export function disputeRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.get<ById>('/v1/disputes/:id', (request, reply) =>
    serveCall(context, request, reply, () =>
      disputeCall(context, 'query_dispute', request.params.id, (account) => found(context, account, request.params.id)),
    ),
  )
  app.post<ById>('/v1/disputes/:id/accept', (request, reply) =>
    serveCall(context, request, reply, () => {
      readNothing(request.body ?? {})
      return disputeCall(context, 'accept_dispute', request.params.id, (account) =>
        concedeDispute(context, account, request.params.id),
      )
    }),
  )
  app.post<ById>('/v1/disputes/:id/evidence', (request, reply) =>
    serveCall(context, request, reply, () => {
      const given = readEvidence(request.body)
      return disputeCall(context, 'submit_evidence', request.params.id, (account) =>
        answerDispute(context, account, request.params.id, given),
      )
    }),
  )
}

type OfAccount = { Params: { id: string; dispute: string } }

/** The payer's bank. `accountOf` throws for an account that there is not. */
export function bankDisputeRoutes(
  app: FastifyInstance,
  context: GatewayContext,
  accountOf: (request: FastifyRequest<{ Params: { id: string } }>) => Promise<Account>,
): void {
  app.post<{ Params: { id: string } }>('/accounts/:id/disputes', async (request, reply) => {
    const account = await accountOf(request)
    const { payment: name, amount, currency, reason: word, answer_in_ms: wait } = readOpening(request.body)
    const reason: GatewayDisputeReason = GATEWAY_DISPUTE_REASONS.find((known) => known === word) ?? 'GENERAL'
    const payment =
      (await findPayment(context.pool, account.id, name)) ??
      (await findPaymentByReference(context.pool, account.id, name))
    if (payment === undefined) throw new GatewayRefusal('NOT_FOUND', 'payment')
    const money = readMoney(amount, currency)
    const command = { paymentId: payment.id, amount: money, reason, answerInMs: wait ?? 7 * DAY_MS }
    const dispute = await openDispute(context, account, command)
    context.nudge('both')
    return reply.code(201).send(disputeView(dispute, payment))
  })
  app.post<OfAccount>('/accounts/:id/disputes/:dispute/decide', async (request) => {
    const account = await accountOf(request)
    const { outcome } = readDecision(request.body)
    const dispute = await decideDispute(context, account, request.params.dispute, outcome)
    context.nudge('both')
    return viewOf(context, account, dispute)
  })
}

function disputeCall(
  context: GatewayContext,
  name: GatewayCall,
  id: string,
  act: (account: Account) => Promise<BookDispute>,
): Call {
  return {
    name,
    references: async () => [id],
    apply: async (account, fault) => {
      const dispute = await act(account)
      context.nudge('both')
      return { status: 200, body: await viewOf(context, account, dispute, fault), objectId: dispute.id }
    },
  }
}

/** @throws GatewayRefusal NOT_FOUND */
async function found(context: GatewayContext, account: Account, id: string): Promise<BookDispute> {
  const dispute = /^[!-~]{1,64}$/.test(id) ? await findDispute(context.pool, account.id, id) : undefined
  if (dispute === undefined) throw new GatewayRefusal('NOT_FOUND', 'dispute')
  return dispute
}

async function viewOf(context: GatewayContext, account: Account, dispute: BookDispute, fault?: Fault) {
  const payment = await findPayment(context.pool, account.id, dispute.paymentId)
  if (payment === undefined) throw new Error('A dispute has a payment.')
  return disputeView(dispute, payment, fault)
}
