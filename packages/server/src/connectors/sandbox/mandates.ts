// Mandates at the sandbox: registered with a payment, charged, changed, told ahead, asked about. Our words for terms
// are turned into the gateway's here and nowhere else.
import type { MandateTerms } from '../../domain/mandate/mandate.ts'
import type { MandateReport, NoticeReport } from '../../domain/mandate/report.ts'
import type { PaymentReport } from '../../domain/payment/report.ts'
import { formatDecimal } from '../../kernel/money.ts'
import type {
  ChangeMandateInput,
  ChargeMandateInput,
  Exchange,
  NotifyDebitInput,
  Result,
  SyncMandateInput,
} from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { toMandateReport, toNoticeReport } from './mandate-report.ts'
import { paymentResult } from './reports.ts'
import type { SandboxCredentials, SandboxMandate, SandboxNotice } from './wire.ts'
import { endpoint, headers, MandateReply, NoticeReply, PaymentReply, refused } from './wire.ts'

const FREQUENCIES: Readonly<Record<MandateTerms['frequency'], string>> = {
  one_time: 'ONETIME',
  daily: 'DAILY',
  weekly: 'WEEKLY',
  fortnightly: 'FORTNIGHTLY',
  monthly: 'MONTHLY',
  bimonthly: 'BIMONTHLY',
  quarterly: 'QUARTERLY',
  half_yearly: 'HALFYEARLY',
  yearly: 'YEARLY',
  as_presented: 'ASPRESENTED',
}

/** What a payment brings along to register a mandate. */
export function mandateBody(mandate: MandateTerms & { readonly reference: string }): object {
  return {
    reference: mandate.reference,
    max_amount: formatDecimal(mandate.maxAmount),
    amount_rule: mandate.amountRule.toUpperCase(),
    frequency: FREQUENCIES[mandate.frequency],
    rule_type: mandate.dayRule?.rule.toUpperCase() ?? null,
    rule_value: mandate.dayRule?.day ?? null,
    start_date: mandate.startsAt.toISOString(),
    end_date: mandate.endsAt.toISOString(),
    revocable_by_customer: mandate.revocableByCustomer,
    block_funds: mandate.blockFunds,
  }
}

function mandateResult(mandate: SandboxMandate): Result<MandateReport> {
  const report = toMandateReport(mandate)
  if (report !== undefined) return { kind: 'report', report }
  return { kind: 'unknown', reason: 'The reply names a status or an amount that this connector does not know.' }
}

export const chargeMandate: Exchange<ChargeMandateInput, SandboxCredentials, PaymentReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, `/mandates/${encodeURIComponent(input.gatewayMandateId)}/charges`),
    headers: headers(credentials),
    body: JSON.stringify({
      reference: input.reference,
      amount: formatDecimal(input.amount),
      currency: input.amount.currency,
      description: input.description,
      debit_date: input.debitDay,
      notice_id: input.gatewayNoticeId,
      return_url: input.returnUrl,
    }),
  }),

  fromReply: (reply) =>
    readReply(reply, PaymentReply, (body, status) => ('error' in body ? refused(body, status) : paymentResult(body))),
}

export const changeMandate: Exchange<ChangeMandateInput, SandboxCredentials, MandateReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, `/mandates/${encodeURIComponent(input.gatewayMandateId)}/${input.change}`),
    headers: headers(credentials),
    body: JSON.stringify(input.change === 'pause' ? { pause_until: input.pauseEndsAt?.toISOString() ?? null } : {}),
  }),

  fromReply: (reply) =>
    readReply(reply, MandateReply, (body, status) => ('error' in body ? refused(body, status) : mandateResult(body))),
}

export const syncMandate: Exchange<SyncMandateInput, SandboxCredentials, MandateReport> = {
  toRequest: (input, credentials) => ({
    method: 'GET',
    url: endpoint(credentials, `/mandates/${encodeURIComponent(input.gatewayMandateId)}`),
    headers: headers(credentials),
  }),

  fromReply: (reply) =>
    readReply(reply, MandateReply, (body, status) => {
      if (!('error' in body)) return mandateResult(body)
      if (status === 404) return { kind: 'unknown', reason: 'The gateway does not know a mandate that it named.' }
      return refused(body, status)
    }),
}

export const notifyDebit: Exchange<NotifyDebitInput, SandboxCredentials, NoticeReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, `/mandates/${encodeURIComponent(input.gatewayMandateId)}/notices`),
    headers: headers(credentials),
    body: JSON.stringify({
      reference: input.reference,
      amount: formatDecimal(input.amount),
      currency: input.amount.currency,
      debit_date: input.debitDay,
      description: input.description,
    }),
  }),

  fromReply: (reply) =>
    readReply(reply, NoticeReply, (body, status) => ('error' in body ? refused(body, status) : noticeResult(body))),
}

function noticeResult(notice: SandboxNotice): Result<NoticeReport> {
  const report = toNoticeReport(notice)
  if (report !== undefined) return { kind: 'report', report }
  return { kind: 'unknown', reason: 'The reply names a status or an amount that this connector does not know.' }
}
