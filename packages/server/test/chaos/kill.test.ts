// kill -9 on each of the three processes that `npm start` consists of, while payments are being acknowledged. fsync is
// on, as in production. Run after a build, or it builds first.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PurserProcess } from './purser-process.ts'
import { runToItsEnd, startPurser } from './purser-process.ts'
import { findDifferences, openShop } from './shop.ts'

const KILLS = 3
const CUSTOMERS = 6
const PAYMENTS_BEFORE_KILL = 25
const STOP_WITHIN_MS = 2_000

let dataDir: string
let running: PurserProcess | undefined

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'purser-chaos-'))
})

afterEach(async () => {
  if (running !== undefined) await running.interrupt()
  running = undefined
  await rm(dataDir, { recursive: true, force: true })
})

const victims = {
  npm: (purser: PurserProcess) => purser.npmPid,
  'the server': (purser: PurserProcess) => purser.serverPid,
}

test.each(Object.entries(victims))(
  `after kill -9 of %s, ${KILLS} times over, the next start has every acknowledged payment`,
  async (_, victim) => {
    const shop = openShop()
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const purser = await startPurser(dataDir)
      running = purser
      const shift = shop.open(purser, CUSTOMERS)
      await shift.served(PAYMENTS_BEFORE_KILL)
      process.kill(victim(purser), 'SIGKILL')
      running = undefined
      await shift.stop()
      // Nobody waits: an operator types `npm start` again at once.
      running = await startPurser(dataDir)
      expect(await findDifferences(shop, running)).toEqual([])
      await running.interrupt()
      running = undefined
    }
    expect(shop.acknowledged.payments.length).toBeGreaterThanOrEqual(KILLS * PAYMENTS_BEFORE_KILL)
  },
)

test(`after kill -9 of Postgres, ${KILLS} times over, the server is ready again by itself, and so is the next start`, async () => {
  const shop = openShop()
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const purser = await startPurser(dataDir)
    running = purser
    const shift = shop.open(purser, CUSTOMERS)
    await shift.served(PAYMENTS_BEFORE_KILL)
    const killed = purser.postgresPid()
    process.kill(killed, 'SIGKILL')
    await shift.stop()
    while (!(await purser.isReady()) || purser.postgresPid() === killed) await sleep(20)
    expect(await findDifferences(shop, purser)).toEqual([])
    await purser.interrupt()
    running = await startPurser(dataDir)
    expect(await findDifferences(shop, running)).toEqual([])
    await running.interrupt()
    running = undefined
  }
  expect(shop.acknowledged.payments.length).toBeGreaterThanOrEqual(KILLS * PAYMENTS_BEFORE_KILL)
})

test('a second start on a live data directory names the process and its address, and disturbs nobody', async () => {
  running = await startPurser(dataDir)
  const second = await runToItsEnd(dataDir)
  expect(second.code).not.toBe(0)
  expect(second.output).toContain(String(running.serverPid))
  expect(second.output).toContain(running.url)
  expect(await running.isReady()).toBe(true)
})

test(`Ctrl-C stops npm, server and Postgres cleanly within ${STOP_WITHIN_MS / 1_000} s, in the middle of work`, async () => {
  const purser = await startPurser(dataDir)
  running = purser
  const shift = openShop().open(purser, CUSTOMERS)
  await shift.served(PAYMENTS_BEFORE_KILL)
  running = undefined
  const { ms, code } = await purser.interrupt()
  // npm says 0 only when the server ended by itself, with everything closed.
  expect(code).toBe(0)
  expect(ms).toBeLessThan(STOP_WITHIN_MS)
  await shift.stop()
})
