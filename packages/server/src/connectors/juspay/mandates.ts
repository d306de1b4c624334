// Mandates at Juspay (wire juspay 4): charged by POST /txns, changed and asked about by commands, announced by a
// command, too. What an answer says without an amount proves nothing about money: a charge's outcome is asked for.
import { Type } from 'typebox'
import type { MandateReport, NoticeReport } from '../../domain/mandate/report.ts'
import type { PaymentReport } from '../../domain/payment/report.ts'
import { parseInstant } from '../../kernel/clock.ts'
import { formatDecimal, money } from '../../kernel/money.ts'
import type { Money } from '../../kernel/money.ts'
import type {
  ChangeMandateInput,
  ChargeMandateInput,
  Exchange,
  NotifyDebitInput,
  Result,
  SyncMandateInput,
} from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { epochSeconds } from './authorize.ts'
import { lookUp, MANDATE_STATES, meaningOf, NOTICE_STATES } from './statuses.ts'
import type { JuspayCredentials } from './wire.ts'
import { AmountOf, isRefusal, JuspayRefusal, nameOf, readMoney, refused, requestOf, textAt } from './wire.ts'

const Id = Type.String({ minLength: 1, maxLength: 128 })
const Txn = Type.Object({ order_id: Id, txn_id: Id, status: Type.String() })
const Mandate = Type.Object({ mandate_id: Id, mandate_status: Type.String() })
// check_status says `status` where the other commands say `mandate_status` (wire juspay 4.6).
const MandateShown = Type.Object({ mandate_id: Id, status: Type.String() })
const Notice = Type.Object({
  object: Type.Literal('notification'),
  id: Id,
  object_reference_id: Id,
  status: Type.String(),
  source_info: Type.Object({ amount: AmountOf }),
})

const UNREADABLE = 'The reply names a status or an amount that this connector does not know.'

// A debit day is a calendar day in India: noon there is that day in every zone a reader may use.
const dayAsEpoch = (day: string) => epochSeconds(new Date(`${day}T06:30:00.000Z`))

export const chargeMandate: Exchange<ChargeMandateInput, JuspayCredentials, PaymentReport> = {
  toRequest: (input, credentials) =>
    requestOf(
      credentials,
      { method: 'POST', path: '/txns', routing: nameOf(input.customer) },
      {
        form: {
          'order.order_id': input.reference,
          'order.amount': formatDecimal(input.amount),
          'order.currency': input.amount.currency,
          'order.customer_id': nameOf(input.customer),
          'order.return_url': input.returnUrl,
          ...(input.description === '' ? {} : { 'order.description': input.description }),
          mandate_id: input.gatewayMandateId,
          merchant_id: credentials.merchant_id,
          format: 'json',
          'mandate.execution_date': dayAsEpoch(input.debitDay),
          ...(input.gatewayNoticeId === null ? {} : { 'mandate.notification_id': input.gatewayNoticeId }),
        },
      },
    ),

  fromReply: (reply, input) =>
    readReply(reply, Type.Union([Txn, JuspayRefusal]), (body, status): Result<PaymentReport> => {
      if (isRefusal(body)) return refused(body, status)
      if (meaningOf(body.status) === undefined) return { kind: 'unknown', reason: UNREADABLE }
      const none = money(0n, input.amount.currency)
      const id = body.order_id.toLowerCase()
      const report: PaymentReport = {
        gatewayPaymentId: id,
        reference: id,
        // This answer names no amount, so nothing of the outcome is taken from it: the order is asked for.
        amount: input.amount,
        state: 'pending',
        authorized: none,
        captured: none,
        captureFinal: false,
        facts: {},
      }
      return { kind: 'report', report }
    }),
}

export const changeMandate: Exchange<ChangeMandateInput, JuspayCredentials, MandateReport> = {
  toRequest: (input, credentials) => command(credentials, input.gatewayMandateId, commandOf(input)),
  fromReply: (reply, input) =>
    readReply(reply, Type.Union([Mandate, JuspayRefusal]), (body, status) =>
      isRefusal(body) ? refused(body, status) : mandateResult(body, body.mandate_status, input.maxAmount),
    ),
}

function commandOf({ change, askedAt, pauseEndsAt }: ChangeMandateInput): Record<string, string> {
  if (change === 'revoke') return { command: 'revoke' }
  if (change === 'resume') return { command: 'resume', resume_date: epochSeconds(askedAt) }
  const end: Record<string, string> = pauseEndsAt === null ? {} : { pause_end_date: epochSeconds(pauseEndsAt) }
  return { command: 'pause', pause_start_date: epochSeconds(askedAt), ...end }
}

export const syncMandate: Exchange<SyncMandateInput, JuspayCredentials, MandateReport> = {
  toRequest: (input, credentials) => command(credentials, input.gatewayMandateId, { command: 'check_status' }),
  fromReply: (reply, input) =>
    readReply(reply, Type.Union([MandateShown, JuspayRefusal]), (body, status) =>
      isRefusal(body) ? refused(body, status) : mandateResult(body, body.status, input.maxAmount),
    ),
}

/** Terms are compared where the answer has them; the short answer to a command has none. */
function mandateResult(body: { mandate_id: string }, word: string, known: Money): Result<MandateReport> {
  const state = lookUp(MANDATE_STATES, word)
  const most = 'max_amount' in body ? readMoney(body.max_amount, textAt(body, 'currency') ?? known.currency) : known
  const ends = textAt(body, 'pause_end_date')
  if (state === undefined || most === undefined) return { kind: 'unknown', reason: UNREADABLE }
  const activatedAt = instantAt(body, 'last_activated_at') ?? instantAt(body, 'activated_at')
  return {
    kind: 'report',
    report: {
      gatewayMandateId: body.mandate_id,
      reference: null,
      state,
      maxAmount: most,
      // Grows with every activation, which is what tells a resumed mandate from one that was active before its pause.
      sequence: activatedAt === undefined ? null : Math.floor(activatedAt.getTime() / 1_000),
      pausedUntil: state === 'paused' && ends !== undefined ? (parseInstant(ends) ?? null) : null,
    },
  }
}

const instantAt = (body: object, name: string) => parseInstant(textAt(body, name) ?? '')

export const notifyDebit: Exchange<NotifyDebitInput, JuspayCredentials, NoticeReport> = {
  toRequest: (input, credentials) =>
    command(credentials, input.gatewayMandateId, {
      command: 'pre_debit_notify',
      object_reference_id: input.reference,
      description: input.description,
      source_info: JSON.stringify({ amount: formatDecimal(input.amount), txn_date: dayAsEpoch(input.debitDay) }),
    }),

  fromReply: (reply, input) =>
    readReply(reply, Type.Union([Notice, JuspayRefusal]), (body, status): Result<NoticeReport> => {
      if (isRefusal(body)) return refused(body, status)
      const state = lookUp(NOTICE_STATES, body.status)
      const amount = readMoney(body.source_info.amount, input.amount.currency)
      if (state === undefined || amount === undefined) return { kind: 'unknown', reason: UNREADABLE }
      const failureReason = state === 'failed' ? (textAt(body, 'response_code') ?? 'FAILURE') : null
      const { id, object_reference_id: reference } = body
      return { kind: 'report', report: { gatewayNoticeId: id, reference, state, amount, failureReason } }
    }),
}

function command(credentials: JuspayCredentials, mandateId: string, form: Record<string, string>) {
  const path = `/mandates/${encodeURIComponent(mandateId)}`
  return requestOf(credentials, { method: 'POST', path, routing: mandateId }, { form })
}
