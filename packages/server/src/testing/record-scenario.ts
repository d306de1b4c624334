// Plays one scenario against the real sandbox gateway, through the connector and over HTTP, and writes down what came
// back. What differs from run to run (addresses, ids, times, tokens of pages) is made alike, so that a recording is a
// file that changes only when the gateway's wire does.
import type { Connector, Exchange } from '../connectors/contract/connector.ts'
import type { WireReply, WireRequest } from '../connectors/contract/wire.ts'
import { sandbox as connector } from '../connectors/sandbox/index.ts'
import type { SandboxCredentials } from '../connectors/sandbox/wire.ts'
import type { MandateTerms } from '../domain/mandate/mandate.ts'
import { money } from '../kernel/money.ts'
import { INPUTS, reportOf } from './describe-connector.ts'
import type { RunningSandbox, SandboxAccount } from './running-sandbox.ts'
import type { Given, Scenario } from './scenario.ts'

export type Recording = {
  readonly request: { readonly method: string; readonly url: string; readonly body: string | null }
  readonly reply: WireReply
}

type AnyExchange = Exchange<object, SandboxCredentials, unknown>
type Capable = Required<Connector<SandboxCredentials>>

const gateway = connector as Capable

export async function recordScenario(sandbox: RunningSandbox, scenario: Scenario): Promise<Recording> {
  const account = await sandbox.newAccount(null)
  const credentials = credentialsOf(sandbox, account)
  const exchange = gateway[scenario.kind] as AnyExchange
  const known = scenario.given === undefined ? {} : await prepare(sandbox, account, credentials, scenario)
  const input = { ...INPUTS[scenario.kind], ...defaultsFor(scenario), ...known, ...scenario.input }

  const before = scenario.given?.before
  if (before !== undefined) await sendRequest(exchange.toRequest({ ...input, ...before }, credentials))
  if (scenario.fault !== undefined) {
    const match = { call: CALLS[scenario.kind] ?? scenario.kind }
    await sandbox.admin('POST', `/accounts/${account.id}/faults`, { match, ...scenario.fault })
  }
  const api_key = scenario.asStranger === true ? credentials.api_key.replaceAll(/\d/g, '0') : credentials.api_key
  const request = exchange.toRequest(input, { ...credentials, api_key })
  const reply = await sendRequest(request)
  const { method, url, body = null } = request
  return madeAlike(sandbox.baseUrl, { request: { method, url, body }, reply })
}

const CALLS: Readonly<Record<string, string>> = {
  sync: 'query',
  chargeMandate: 'charge_mandate',
  notifyDebit: 'notify_debit',
  changeMandate: 'change_mandate',
  syncMandate: 'query_mandate',
}

/** The same text for whatever differs between two runs. */
export function madeAlike<Value>(baseUrl: string, value: Value): Value {
  const ids = new Map<string, string>()
  const text = JSON.stringify(value)
    .replaceAll(baseUrl, 'https://sandbox.example')
    .replaceAll(encodeURIComponent(baseUrl), encodeURIComponent('https://sandbox.example'))
    .replaceAll(/[0-9a-f]{64}/g, '0'.repeat(64))
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '2026-11-20T10:00:00.000Z')
    .replaceAll(/svi_[0-9a-f]{32}/g, `svi_${'0'.repeat(32)}`)
    .replaceAll(/(sb[a-z])_[0-9a-z]{26}/g, (id, prefix: string) => {
      const alike = ids.get(id) ?? `${prefix}_${String(ids.size + 1).padStart(26, '0')}`
      ids.set(id, alike)
      return alike
    })
  return JSON.parse(text) as Value
}

export async function sendRequest(request: WireRequest): Promise<WireReply> {
  try {
    const { method, headers, body = null } = request
    const reply = await fetch(request.url, { method, headers, body })
    return { kind: 'reply', status: reply.status, headers: {}, body: await reply.text() }
  } catch {
    return { kind: 'no_reply', reason: 'reset' }
  }
}

function credentialsOf(sandbox: RunningSandbox, account: SandboxAccount): SandboxCredentials {
  return { base_url: sandbox.baseUrl, api_key: account.apiKey, notification_secret: account.notificationSecret }
}

function defaultsFor({ kind }: Scenario): object {
  return kind === 'authorize' ? { instrument: { method: 'card', token: 'tok_approve' } } : {}
}

/** Brings the account to where the scenario begins. Returns what the call needs to know of it. */
async function prepare(
  sandbox: RunningSandbox,
  account: SandboxAccount,
  credentials: SandboxCredentials,
  { kind, given = {} }: Scenario,
): Promise<object> {
  if (kind === 'authorize') return {}
  const { authorize } = gateway
  const asked = {
    ...INPUTS.authorize,
    capture: given.capture ?? 'automatic',
    instrument: { method: 'card', token: given.token ?? 'tok_approve' },
    ...(given.mandate === undefined ? {} : { mandate: { ...TERMS, ...given.mandate } }),
  } as const
  const made = reportOf(authorize.fromReply(await sendRequest(authorize.toRequest(asked, credentials)), asked))
  const { gatewayPaymentId } = made
  if (made.mandate !== undefined) return prepareMandate(credentials, given, made.mandate.gatewayMandateId)
  await followUp(credentials, given, gatewayPaymentId)
  if (given.answer !== undefined && made.action?.type === 'redirect') {
    const body = new URLSearchParams({ answer: given.answer })
    await fetch(made.action.url, { method: 'POST', body, redirect: 'manual' })
  }
  if (given.advanceMs !== undefined) {
    await sandbox.admin('POST', `/accounts/${account.id}/clock`, { advance_ms: given.advanceMs })
  }
  // Questions are asked by our reference; everything else names the gateway's own id.
  return kind === 'sync' ? {} : { gatewayPaymentId }
}

/** Far from any day on which the scenarios are played. */
const TERMS: MandateTerms & { readonly reference: string } = {
  reference: 'man_reference_1',
  maxAmount: money(2_000_000n, 'INR'),
  amountRule: 'variable',
  frequency: 'daily',
  dayRule: null,
  startsAt: new Date('2020-01-01T00:00:00.000Z'),
  endsAt: new Date('2090-01-01T00:00:00.000Z'),
  revocableByCustomer: true,
  blockFunds: false,
  registrationUsesPeriod: false,
}

async function prepareMandate(
  credentials: SandboxCredentials,
  given: Given,
  gatewayMandateId: string,
): Promise<{ gatewayMandateId: string }> {
  if (given.changed !== undefined) {
    const input = { ...INPUTS.changeMandate, gatewayMandateId, change: given.changed }
    await sendRequest(gateway.changeMandate.toRequest(input, credentials))
  }
  return { gatewayMandateId }
}

async function followUp(credentials: SandboxCredentials, given: Given, gatewayPaymentId: string): Promise<void> {
  const named = { gatewayPaymentId, operationId: 'op_before' }
  if (given.captured !== undefined) {
    const { minor, final } = given.captured
    const input = { ...INPUTS.capture, ...named, amount: money(minor, 'INR'), final }
    await sendRequest(gateway.capture.toRequest(input, credentials))
  }
  if (given.voided === true) await sendRequest(gateway.void.toRequest({ ...INPUTS.void, ...named }, credentials))
  if (given.refunded !== undefined) {
    const input = { ...INPUTS.refund, gatewayPaymentId, amount: money(given.refunded, 'INR') }
    await sendRequest(gateway.refund.toRequest(input, credentials))
  }
}
