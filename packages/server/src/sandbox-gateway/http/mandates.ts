// Mandates over the wire: charges, changes, pre-debit notices and questions for the merchant, and what the payer does
// in the bank's app, which the operator of the sandbox plays.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseInstant } from '../../kernel/clock.ts'
import { takeChange } from '../actions/change-mandate.ts'
import type { ChangeCommand } from '../actions/change-mandate.ts'
import { chargeMandate, notifyDebit } from '../actions/charge-mandate.ts'
import type { ChargeCommand, NotifyCommand } from '../actions/charge-mandate.ts'
import { accountNow } from '../actions/context.ts'
import { GATEWAY_FREQUENCIES, standingAt } from '../book/mandate.ts'
import type { BookMandate, BookTerms, MandateCommand } from '../book/mandate.ts'
import { chargeScript, findInstrument } from '../instruments.ts'
import { GatewayRefusal } from '../refusal.ts'
import type { Account } from '../store/accounts.ts'
import { findMandate, listMandates } from '../store/mandates.ts'
import { mandateView, noticeView, paymentView } from '../views.ts'
import type { Call } from './answer.ts'
import { serveCall } from './answer.ts'
import type { GatewayContext } from './context.ts'
import { Amount, hashOf, Name, reader, readMoney, readWebAddress, Reference } from './shapes.ts'

const strict = { additionalProperties: false } as const
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
const Instant = Type.String({ maxLength: 40 })
const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()])

/** What a payment brings along that registers a mandate. */
export const MandateBody = Type.Object(
  {
    reference: Reference,
    max_amount: Type.String({ maxLength: 40 }),
    amount_rule: Type.Union([Type.Literal('FIXED'), Type.Literal('VARIABLE')]),
    frequency: Type.Union(GATEWAY_FREQUENCIES.map((word) => Type.Literal(word))),
    rule_type: Nullable(Type.Union([Type.Literal('ON'), Type.Literal('BEFORE'), Type.Literal('AFTER')])),
    rule_value: Nullable(Type.Integer({ minimum: 1, maximum: 31 })),
    start_date: Instant,
    end_date: Instant,
    revocable_by_customer: Type.Boolean(),
    block_funds: Type.Boolean(),
  },
  strict,
)

/** @throws GatewayRefusal BAD_REQUEST, AMOUNT_INVALID */
export function readTerms(body: Static<typeof MandateBody>, currency: string): BookTerms {
  return {
    reference: body.reference,
    maxAmount: readMoney(body.max_amount, currency).minor,
    amountRule: body.amount_rule,
    frequency: body.frequency,
    ruleType: body.rule_type,
    ruleValue: body.rule_value,
    startsAt: readInstant(body.start_date, 'mandate.start_date'),
    endsAt: readInstant(body.end_date, 'mandate.end_date'),
    revocableByCustomer: body.revocable_by_customer,
    blockFunds: body.block_funds,
  }
}

const readChargeBody = reader(
  Type.Object(
    {
      reference: Reference,
      ...Amount,
      description: Type.String({ maxLength: 1000 }),
      debit_date: Day,
      notice_id: Nullable(Name),
      return_url: Type.String({ maxLength: 2048 }),
    },
    strict,
  ),
)
const readNoticeBody = reader(
  Type.Object(
    { reference: Reference, ...Amount, debit_date: Day, description: Type.String({ maxLength: 1000 }) },
    strict,
  ),
)
const readChangeBody = reader(Type.Object({ pause_until: Type.Optional(Nullable(Instant)) }, strict))

type ById = { Params: { id: string } }
const COMMANDS = ['pause', 'resume', 'revoke'] as const

export function mandateRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.post<ById>('/v1/mandates/:id/charges', (request, reply) =>
    serveCall(context, request, reply, () => chargeCall(context, readCharge(request.params.id, request.body))),
  )
  app.post<ById>('/v1/mandates/:id/notices', (request, reply) =>
    serveCall(context, request, reply, () => noticeCall(context, readNotice(request.params.id, request.body))),
  )
  for (const change of COMMANDS) {
    app.post<ById>(`/v1/mandates/:id/${change}`, (request, reply) =>
      serveCall(context, request, reply, () => changeCall(context, readChange(request, change))),
    )
  }
  app.get<ById>('/v1/mandates/:id', (request, reply) =>
    serveCall(context, request, reply, () => queryCall(context, request.params.id)),
  )
}

type OfAccount = { Params: { id: string; mandate: string } }

/** The payer in the bank's app. `accountOf` throws for an account that there is not. */
export function payerMandateRoutes(
  app: FastifyInstance,
  context: GatewayContext,
  accountOf: (request: FastifyRequest<{ Params: { id: string } }>) => Promise<Account>,
): void {
  app.get<{ Params: { id: string } }>('/accounts/:id/mandates', async (request) => {
    const account = await accountOf(request)
    const now = accountNow(context, account)
    return { mandates: (await listMandates(context.pool, account.id)).map((one) => mandateView(standingAt(one, now))) }
  })
  for (const change of COMMANDS) {
    app.post<OfAccount>(`/accounts/:id/mandates/:mandate/${change}`, async (request) => {
      const account = await accountOf(request)
      const mandate = await found(context, account, request.params.mandate)
      if (change === 'revoke' && !mandate.revocableByCustomer)
        throw new GatewayRefusal('NOT_ALLOWED_NOW', 'not_revocable')
      const { pause_until: until = null } = readChangeBody(request.body ?? {})
      const command = { mandateId: mandate.id, change, pauseUntil: readOptional(until) }
      const after = await takeChange(context, account, command)
      context.nudge('notices')
      return mandateView(after)
    })
  }
}

function chargeCall(context: GatewayContext, command: ChargeCommand): Call {
  return {
    name: 'charge_mandate',
    references: async (account) => [command.reference, ...(await referencesOf(context, account, command.mandateId))],
    apply: async (account, fault) => {
      const target = await found(context, account, command.mandateId)
      const script = chargeScript(findInstrument(target.method, target.instrument)?.script)
      if (script.reply === 'http_500_not_applied') return { status: 500, body: {}, reply: script.reply }
      const forgetful = fault?.name === 'forget_idempotency'
      const { payment, mandate, isNew } = await chargeMandate(context, account, command, { forgetful })
      if (isNew) context.nudge(payment.status === 'PENDING' ? 'due' : 'notices')
      const { notificationSecret } = account
      const view = {
        notificationSecret,
        baseUrl: context.baseUrl(),
        mandate,
        ...(fault === undefined ? {} : { fault }),
      }
      const trouble = isNew && script.reply !== undefined ? { reply: script.reply } : {}
      return { status: isNew ? 201 : 200, body: paymentView(payment, view), objectId: payment.id, ...trouble }
    },
  }
}

function noticeCall(context: GatewayContext, command: NotifyCommand): Call {
  return {
    name: 'notify_debit',
    references: async (account) => [command.reference, ...(await referencesOf(context, account, command.mandateId))],
    apply: async (account, fault) => {
      const { notice, isNew } = await notifyDebit(context, account, command)
      return { status: isNew ? 201 : 200, body: noticeView(notice, fault), objectId: notice.id }
    },
  }
}

function changeCall(context: GatewayContext, command: ChangeCommand): Call {
  return {
    name: 'change_mandate',
    references: (account) => referencesOf(context, account, command.mandateId),
    apply: async (account, fault) => {
      const mandate = await takeChange(context, account, command)
      context.nudge('notices')
      return { status: 200, body: mandateView(mandate, fault), objectId: mandate.id }
    },
  }
}

function queryCall(context: GatewayContext, id: string): Call {
  return {
    name: 'query_mandate',
    references: (account) => referencesOf(context, account, id),
    apply: async (account, fault) => {
      const mandate = await found(context, account, id)
      return { status: 200, body: mandateView(standingAt(mandate, accountNow(context, account)), fault) }
    },
  }
}

/** @throws GatewayRefusal NOT_FOUND */
async function found(context: GatewayContext, account: Account, id: string): Promise<BookMandate> {
  const mandate = /^[!-~]{1,64}$/.test(id) ? await findMandate(context.pool, account.id, id) : undefined
  if (mandate === undefined) throw new GatewayRefusal('NOT_FOUND', 'mandate')
  return mandate
}

async function referencesOf(context: GatewayContext, account: Account, id: string): Promise<string[]> {
  const mandate = await findMandate(context.pool, account.id, id)
  return mandate === undefined ? [] : [mandate.reference]
}

function readCharge(mandateId: string, body: unknown): ChargeCommand {
  const { reference, amount, currency, description, debit_date: debitDate, ...rest } = readChargeBody(body)
  const money = readMoney(amount, currency)
  const { notice_id: noticeId, return_url: returnUrl } = rest
  return {
    mandateId,
    reference,
    requestHash: hashOf(money, ['charge', mandateId, reference, debitDate]),
    amount: money.minor,
    currency: money.currency,
    description,
    debitDate,
    noticeId,
    returnUrl: readWebAddress(returnUrl, 'return_url'),
  }
}

function readNotice(mandateId: string, body: unknown): NotifyCommand {
  const { reference, amount, currency, debit_date: debitDate } = readNoticeBody(body)
  const money = readMoney(amount, currency)
  const requestHash = hashOf(money, ['notice', mandateId, reference, debitDate])
  return { mandateId, reference, requestHash, amount: money.minor, currency: money.currency, debitDate }
}

function readChange(request: FastifyRequest<ById>, change: MandateCommand): ChangeCommand {
  const { pause_until: until = null } = readChangeBody(request.body ?? {})
  return { mandateId: request.params.id, change, pauseUntil: readOptional(until) }
}

const readOptional = (text: string | null) => (text === null ? null : readInstant(text, 'pause_until'))

function readInstant(text: string, field: string): Date {
  const instant = parseInstant(text)
  if (instant === undefined) throw new GatewayRefusal('BAD_REQUEST', field)
  return instant
}
