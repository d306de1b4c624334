// Mandates under races and crashes: however many workers, however often a process dies between two statements, a period
// is charged once, a charge that was written down is made, and nothing starts after a revocation.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syncDueOperations } from '../../src/jobs/sync-operations.ts'
import { advanceMandates } from '../../src/jobs/advance-mandates.ts'
import { MandateId } from '../../src/kernel/ids.ts'
import { money } from '../../src/kernel/money.ts'
import { chargeMandate } from '../../src/operations/charge-mandate.ts'
import type { Deps } from '../../src/operations/deps.ts'
import { givenMandates } from '../../src/testing/mandate-setup.ts'
import type { Mandates } from '../../src/testing/mandate-setup.ts'
import { merchantClient } from '../../src/testing/merchant-client.ts'
import type { MerchantClient } from '../../src/testing/merchant-client.ts'
import { projectFiles, textOf } from '../../src/testing/project-source.ts'
import { startTestServer } from '../../src/testing/start-server.ts'
import type { TestServer } from '../../src/testing/start-server.ts'
import { advanceClock, eventually } from '../../src/testing/virtual-time.ts'

let server: TestServer
let merchant: MerchantClient
let mandates: Mandates

beforeAll(async () => {
  server = await startTestServer({ poolSize: 20 })
  merchant = merchantClient(server)
  mandates = givenMandates(server, merchant)
})
afterAll(async () => {
  const check = projectFiles().find((path) => path.endsWith('0004_mandates/check.sql'))
  const { rows } = await server.db.pools.owner.query(textOf(check ?? ''))
  expect(rows).toEqual([])
  expect(server.errors.filter(({ message }) => !message.startsWith('Asking a gateway'))).toEqual([])
  await server.close()
})

const HOUR = 3_600
const FREE = { frequency: 'daily', registration_uses_period: false }
const eight = <T>(work: (index: number) => Promise<T>) => Promise.all(Array.from({ length: 8 }, (_, i) => work(i)))

async function capturedIn(mandateId: string): Promise<number> {
  const { rows } = await server.db.pools.owner.query(
    `select p.id from sandbox.payments p join purser.payments ours on ours.reference = p.reference
      where ours.mandate_id = $1 and p.is_charge and p.paid > 0`,
    [mandateId],
  )
  return rows.length
}

describe('Eight workers at once', () => {
  test('charge one period once', async () => {
    const { mandateId } = await mandates.active(FREE)
    const answers = await eight(() => mandates.charge(mandateId, 30_000))
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
    for (const { status, body } of answers) {
      if (status !== 201)
        expect(body).toMatchObject({ code: 'mandate_charge_refused', details: { reason: 'period_used' } })
    }
    expect(await capturedIn(mandateId)).toBe(1)
  })

  test('charge thirty periods thirty times', async () => {
    const { mandateId } = await mandates.active(FREE)
    for (let day = 0; day < 30; day += 1) {
      const answers = await eight(() => mandates.charge(mandateId, 10_000))
      expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1)
      await advanceClock(server, 24 * HOUR)
    }
    expect(await capturedIn(mandateId)).toBe(30)
  }, 120_000)

  test('under one Idempotency-Key make one charge, also where nothing else would stop a second', async () => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' }, 'netbanking')
    const body = { reference: mandates.reference(), amount: 30_000 }
    const answers = await eight(() => merchant.post(`/v1/mandates/${mandateId}/charges`, body, body.reference))
    for (const { status } of answers) expect([201, 409]).toContain(status)
    expect(await capturedIn(mandateId)).toBe(1)
  })

  test('that find a charge due start it once', async () => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' })
    const charge = await mandates.charge(mandateId, 30_000)
    await server.db.pools.owner.query(`update merchants set clock_offset = clock_offset + interval '28 hours'`)
    const { deps } = server.runtime
    await eight(() => syncDueOperations(deps, 10))
    await eventually(async () => ((await mandates.paymentStatus(charge)) === 'captured' ? true : undefined), 'capture')
    const { rows } = await server.db.pools.owner.query(
      `select 1 from exchanges where payment_id = $1 and kind = 'charge_mandate'`,
      [charge.body['id']],
    )
    expect(rows).toHaveLength(1)
  })

  test('that find a notice due make one of it', async () => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' })
    await mandates.charge(mandateId, 30_000, { debit_day: await mandates.day(5) })
    await server.db.pools.owner.query(`update merchants set clock_offset = clock_offset + interval '4 days'`)
    const { deps } = server.runtime
    await eight(() => advanceMandates(deps, 10))
    const { rows } = await server.db.pools.owner.query(
      `select n.id from sandbox.pre_debit_notices n join sandbox.mandates m on m.id = n.mandate_id where m.reference = $1`,
      [mandateId],
    )
    expect(rows).toHaveLength(1)
    expect(await mandates.noticeEvents(mandateId)).toHaveLength(1)
  })

  test('that charge while it is revoked: what started before stands, and nothing starts after', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { mandateId } = await mandates.active({ frequency: 'as_presented' }, 'netbanking')
      const answers = await eight((index) =>
        index === 3 ? merchant.post(`/v1/mandates/${mandateId}/revoke`) : mandates.charge(mandateId, 10_000),
      )
      for (const { status } of answers) expect([200, 201, 409]).toContain(status)
      await mandates.whenStatus(mandateId, 'revoked')
      const { rows } = await server.db.pools.owner.query(
        `select 1 from mandate_executions e join mandates m on m.id = e.mandate_id
          where m.id = $1 and e.kind = 'charge' and e.started_at > m.revoked_at`,
        [mandateId],
      )
      expect(rows).toEqual([])
    }
  })
})

describe('A process that dies', () => {
  class Killed extends Error {}
  const quiet = { info: () => {}, warn: () => {}, error: () => {} }

  /** The server's own parts, except that the call to the gateway kills: before it leaves, or after it arrived. */
  function dyingDeps(when: 'before' | 'after'): Deps {
    const { deps } = server.runtime
    return {
      ...deps,
      log: quiet,
      sendToGateway: async (...call: Parameters<Deps['sendToGateway']>) => {
        if (when === 'after') await deps.sendToGateway(...call)
        throw new Killed()
      },
    }
  }

  const command = (mandateId: string) => ({
    mandateId: MandateId.parse(mandateId),
    reference: mandates.reference(),
    amount: money(30_000n, 'INR'),
  })

  const leasesRunOut = () => server.db.pools.owner.query('update operations set leased_until = null')
  const orKilled = (error: unknown) => expect(error).toBeInstanceOf(Killed)

  async function paymentOf(mandateId: string): Promise<string> {
    const { rows } = await server.db.pools.owner.query<{ id: string }>(
      `select id from payments where mandate_id = $1 and mandate_role = 'charge'`,
      [mandateId],
    )
    expect(rows).toHaveLength(1)
    return rows[0]?.id ?? ''
  }

  test.each(['before', 'after'] as const)('%s the call of a charge: it is made, once', async (when) => {
    const { mandateId } = await mandates.active(FREE)
    await expect(chargeMandate(dyingDeps(when), server.actor, command(mandateId))).rejects.toThrow(Killed)
    const paymentId = await paymentOf(mandateId)
    // The period is held: nobody else may charge it while the outcome is open.
    expect((await mandates.charge(mandateId, 30_000)).body).toMatchObject({ details: { reason: 'period_used' } })
    for (let seconds = 0; seconds < 600; seconds += 30) await advanceClock(server, 30)
    expect((await merchant.get(`/v1/payments/${paymentId}`)).body).toMatchObject({ status: 'captured' })
    expect(await mandates.chargesAtGateway(paymentId)).toBe(1)
  })

  test.each(['before', 'after'] as const)('%s the call of a charge that had waited: once', async (when) => {
    const { mandateId } = await mandates.active({ frequency: 'as_presented' })
    const charge = await mandates.charge(mandateId, 30_000)
    // Leased until the one that dies is ready for it: the server's own loops must not be quicker.
    await server.db.pools.owner.query(`update operations set leased_until = now() + interval '1 hour'`)
    await server.db.pools.owner.query(`update merchants set clock_offset = clock_offset + interval '28 hours'`)
    await leasesRunOut()
    await syncDueOperations(dyingDeps(when), 10)
    await leasesRunOut()
    for (let seconds = 0; seconds < 600; seconds += 30) await advanceClock(server, 30)
    expect(await mandates.paymentStatus(charge)).toBe('captured')
    expect(await mandates.chargesAtGateway(String(charge.body['id']))).toBe(1)
  })

  test.each(['before', 'after'] as const)(
    '%s the call of a notice: it is told, once, and the charge made',
    async (when) => {
      const { mandateId } = await mandates.active({ frequency: 'as_presented' })
      // The server's own loop may have sent the notice a moment before: then this one had nothing to die of.
      await chargeMandate(dyingDeps(when), server.actor, command(mandateId)).catch(orKilled)
      const paymentId = await paymentOf(mandateId)
      await advanceClock(server, 60)
      for (let hours = 0; hours < 40; hours += 4) await advanceClock(server, 4 * HOUR)
      expect((await merchant.get(`/v1/payments/${paymentId}`)).body).toMatchObject({ status: 'captured' })
      expect(await mandates.noticeEvents(mandateId)).toEqual(['pre_debit_notice.succeeded'])
      expect(await mandates.chargesAtGateway(paymentId)).toBe(1)
    },
  )
})
