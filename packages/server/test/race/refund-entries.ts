// The entries that a refund can come in by, for the race over all of them: the API, the Juspay dialect, a notification,
// a settlement file. Each says whether it was taken; anything but a yes or a no of ours is thrown.
import { randomUUID } from 'node:crypto'
import { clearFaults, plantFault } from '../../src/testing/gateway-faults.ts'
import { gatewayVoice } from '../../src/testing/gateway-voice.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { TestServer } from '../../src/testing/start-server.ts'

export const WAYS = 20
const BY_NOTIFICATION = 4
const BY_SETTLEMENT = 2

/** Minor units. */
export const AMOUNT = 100_00
export const PART = 9_00
/** Of another size than ours: one of ours that is on its way could be the very same refund, and would be waited for. */
const UNTOLD_PART = 7_00

export type Count = {
  refunds: number
  taken: number
  refused: number
  /** How many came in by which entry. */
  byEntry: { api: number; dialect: number; notification: number; settlement: number }
}

export type Paid = {
  readonly paymentId: string
  readonly orderReference: string
  readonly gatewayPaymentId: string
  /** References of refunds that no notification tells of. */
  readonly untold: string[]
}

type Heard = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

export const ENTRIES = {
  async api(server: TestServer, paymentId: string): Promise<boolean> {
    const key = randomUUID()
    const refund = { amount: PART, reason: 'not_satisfied' }
    const heard = await patiently(() => merchantClient(server).post(`/v1/payments/${paymentId}/refunds`, refund, key))
    return verdict(heard.status === 201, heard.body['code'] === 'refund_exceeds_captured', heard)
  },

  async dialect(server: TestServer, orderReference: string): Promise<boolean> {
    const form = { unique_request_id: randomUUID(), amount: `${PART / 100}.00` }
    const heard = await patiently(async () => {
      const response = await fetch(`${server.baseUrl}/juspay/orders/${orderReference}/refunds`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${server.secretKey}:`).toString('base64')}` },
        body: new URLSearchParams(form),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    })
    // One that was put off may have been made all the same: its name is taken then.
    const isTaken = heard.status === 200 || heard.body['error_code'] === 'duplicate.call'
    return verdict(isTaken, heard.body['error_code'] === 'invalid.amount.exceeded', heard)
  },
}

/** As a client should: what is put off because the server is busy is sent again under its own name. */
async function patiently(send: () => Promise<Heard>): Promise<Heard> {
  for (let tries = 1; ; tries += 1) {
    const heard = await send()
    const isPutOff = heard.status === 503 || heard.body['code'] === 'idempotency_in_flight'
    if (!isPutOff || tries === MOST_TRIES) return heard
  }
}

const MOST_TRIES = 20

function verdict(isTaken: boolean, isRefused: boolean, { status, body }: Heard): boolean {
  if (!isTaken && !isRefused) throw new Error(`A refund was answered ${status}: ${JSON.stringify(body)}`)
  return isTaken
}

export type Entries = {
  pay(): Promise<Paid>
  /** Somebody refunds at the gateway's pages, and no notification tells of it. */
  refundUntold(payment: Paid): Promise<void>
  /** Every way but the settlement file, one call each. */
  ways(payment: Paid): (() => Promise<void>)[]
  reconcile(): Promise<void>
  /** How many of the untold ones have come in all the same. */
  countUntold(paid: readonly Paid[]): Promise<number>
  refunded(paymentId: string): Promise<number>
}

export async function openEntries(server: TestServer, count: Count): Promise<Entries> {
  const merchant = merchantClient(server)
  const voice = await gatewayVoice(server)
  // Until they are cleared: the settlement file is to be the first to tell.
  await plantFault(server, 'notification', 'silent', null)
  const counted = (entry: 'api' | 'dialect', call: () => Promise<boolean>) => async () => {
    count.refunds += 1
    const isTaken = await call()
    count[isTaken ? 'taken' : 'refused'] += 1
    if (isTaken) count.byEntry[entry] += 1
  }
  const atTheGateway = async (payment: Paid, minor: number): Promise<string | undefined> => {
    count.refunds += 1
    const reference = `page_${randomUUID().slice(0, 20)}`
    const status = await voice.refund(payment.gatewayPaymentId, { reference, minor })
    return status === 200 || status === 201 ? reference : undefined
  }
  return {
    pay: async () => {
      const { orderId, paymentId } = await merchant.pay({ amount: AMOUNT })
      const orderReference = String((await merchant.get(`/v1/orders/${orderId}`)).body['reference'])
      const gatewayPaymentId = String((await voice.payment(paymentId))['id'])
      return { paymentId, orderReference, gatewayPaymentId, untold: [] }
    },
    refundUntold: async (payment) => {
      for (let made = 0; made < BY_SETTLEMENT; made += 1) {
        const reference = await atTheGateway(payment, UNTOLD_PART)
        if (reference === undefined) throw new Error('The gateway refused the first refund of all.')
        payment.untold.push(reference)
      }
    },
    ways: (payment) =>
      Array.from({ length: WAYS - BY_SETTLEMENT }, (_, way) => {
        if (way < BY_NOTIFICATION) {
          return async () => {
            if ((await atTheGateway(payment, PART)) !== undefined) count.byEntry.notification += 1
          }
        }
        if (way % 2 === 0) {
          return counted('dialect', () => ENTRIES.dialect(server, payment.orderReference))
        }
        return counted('api', () => ENTRIES.api(server, payment.paymentId))
      }),
    reconcile: async () => {
      const key = randomUUID()
      const { status, body } = await patiently(() => merchant.post('/v1/reconciliations', {}, key))
      if (status !== 201 || body['status'] !== 'done') throw new Error(`Reconciling: ${JSON.stringify(body)}`)
    },
    countUntold: (paid) => countKnown(server, paid),
    refunded: async (paymentId) => Number((await merchant.get(`/v1/payments/${paymentId}`)).body['amount_refunded']),
  }
}

async function countKnown(server: TestServer, paid: readonly Paid[]): Promise<number> {
  const { rows } = await server.db.pools.owner.query<{ known: number }>(
    `select count(*)::int as known from purser.refunds ours
       join sandbox.refunds theirs on theirs.id = ours.gateway_refund_id where theirs.reference = any($1)`,
    [paid.flatMap(({ untold }) => untold)],
  )
  return rows[0]?.known ?? 0
}

const DAY_MS = 86_400_000
const INDIA_MS = 5.5 * 3_600_000

/**
 * To a quarter past ten in India on the day after: what was captured and returned before is paid out, and our own daily
 * look has not come yet. From here on notifications are sent again.
 */
export async function untilPaidOut(server: TestServer): Promise<void> {
  const merchant = merchantClient(server)
  const { body } = await merchant.get('/v1/test-clock')
  const day = Math.floor((Date.parse(String(body['now'])) + INDIA_MS) / DAY_MS)
  const to = new Date((day + 1) * DAY_MS - INDIA_MS + 10.25 * 3_600_000).toISOString()
  const answer = await merchant.post('/v1/test-clock/advance', { to })
  if (answer.status !== 200) throw new Error(`The clock did not move: ${JSON.stringify(answer.body)}`)
  await clearFaults(server)
}

/** Days late, the gateway tells of what it had been silent about. */
export async function lateNews(server: TestServer, paid: readonly Paid[]): Promise<void> {
  const voice = await gatewayVoice(server)
  for (const reference of paid.flatMap(({ untold }) => untold)) await voice.tellOfRefund(reference)
}
