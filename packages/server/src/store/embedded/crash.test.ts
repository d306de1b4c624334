// What is left when something is killed: the server, its parent, or both. The measure is always the same: the next
// start is ready, and every row that was acknowledged is there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, givenHost, givenUsedHome, spawnPurser, track } from '../../testing/embedded-purser.ts'
import { thisHost, waitUntil } from './host.ts'
import { startEmbeddedPostgres, superviseEmbeddedPostgres } from './index.ts'
import { readPidFile } from './orphan.ts'
import { isPostmasterOf } from './process-identity.ts'

test('a supervised server that is killed runs again at the same address with every committed row', async () => {
  const home = await givenUsedHome()
  const lines: string[] = []
  const exits: unknown[] = []
  const cluster = track(
    await superviseEmbeddedPostgres({ dataDir: join(home, 'postgres'), progress: (line) => lines.push(line) }),
  )
  cluster.onExit((exit) => exits.push(exit))
  for (const round of [1, 2, 3]) {
    const { pid, host, port } = cluster
    await ask(cluster, `insert into kept values ('payment ${round}')`)
    process.kill(pid, 'SIGKILL')
    expect(await waitUntil(() => cluster.pid !== pid, 10_000)).toBe(true)
    expect(await ask({ host, port }, 'select count(*) from kept')).toEqual([String(round)])
  }
  expect(exits).toEqual(Array.from({ length: 3 }, () => ({ code: null, signal: 'SIGKILL' })))
  expect(lines.filter((line) => line.includes('ended unexpectedly (SIGKILL)'))).toHaveLength(3)
  await cluster.stop()
  expect(exits).toHaveLength(3)
})

test('a supervised server that cannot be started again is tried until it can, and stopping ends the trying', async () => {
  const home = await givenUsedHome()
  const lines: string[] = []
  const cluster = track(
    await superviseEmbeddedPostgres({ dataDir: join(home, 'postgres'), progress: (line) => lines.push(line) }),
  )
  const failures = () => lines.filter((line) => line.includes('could not be started again')).length
  const control = join(home, 'postgres', 'postgresql.conf')
  const whole = readFileSync(control)
  const first = cluster.pid
  writeFileSync(control, 'no such setting\n')
  process.kill(first, 'SIGKILL')
  expect(await waitUntil(() => failures() >= 2, 10_000)).toBe(true)
  writeFileSync(control, whole)
  expect(await waitUntil(() => cluster.pid !== first, 10_000)).toBe(true)

  const second = cluster.pid
  writeFileSync(control, 'no such setting\n')
  process.kill(second, 'SIGKILL')
  const before = failures()
  expect(await waitUntil(() => failures() > before, 10_000)).toBe(true)
  await cluster.stop()
  writeFileSync(control, whole)
  track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
})

test('stopping a supervised server that is just being started again stops that one', async () => {
  const home = await givenUsedHome()
  const dataDir = join(home, 'postgres')
  const cluster = track(await superviseEmbeddedPostgres({ dataDir }))
  const { pid } = cluster
  process.kill(pid, 'SIGKILL')
  expect(await waitUntil(() => readPidFile(dataDir)?.pid !== pid, 10_000)).toBe(true)
  const next = readPidFile(dataDir)?.pid ?? 0
  await cluster.stop()
  expect(readPidFile(dataDir)).toBeUndefined()
  expect(isPostmasterOf(next, dataDir, thisHost())).toBe(false)
})

test('a killed server whose socket seems to belong to a living stranger is started again', async () => {
  const home = await givenUsedHome()
  const cluster = track(await superviseEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  const { pid, host } = cluster
  const lock = join(host, '.s.PGSQL.5432.lock')
  writeFileSync(lock, readFileSync(lock, 'utf8').replace(/^\d+/, String(process.ppid)))
  process.kill(pid, 'SIGKILL')
  expect(await waitUntil(() => cluster.pid !== pid, 10_000)).toBe(true)
  expect(await ask(cluster, 'select 1')).toEqual(['1'])
})

test('a server that is started only tells of its death, but not of its stop', async () => {
  const home = await givenUsedHome()
  const first = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  const told = new Promise((resolve) => first.onExit(resolve))
  process.kill(first.pid, 'SIGKILL')
  expect(await told).toEqual({ code: null, signal: 'SIGKILL' })
  await first.stop()

  const second = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  let calls = 0
  second.onExit(() => (calls += 1))
  await second.stop()
  expect(calls).toBe(0)
})

test('a backend that is too busy to notice the death of its server does not hold up the next one', async () => {
  const home = await givenUsedHome()
  const cluster = track(await superviseEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  const { pid } = cluster
  // The limit is for the day this test fails: nothing else would ever end such a backend.
  const spin = `set statement_timeout = '20s'; do $$ begin loop perform 1; end loop; end $$`
  const busy = ask(cluster, spin).catch((error: Error) => error)
  const isBusy = `select 1 from pg_stat_activity where state = 'active' and query like 'set statement_timeout%'`
  while ((await ask(cluster, isBusy)).length === 0);
  process.kill(pid, 'SIGKILL')
  expect(await waitUntil(() => cluster.pid !== pid, 10_000)).toBe(true)
  expect(await busy).toBeInstanceOf(Error)
  expect(await ask(cluster, 'select 1')).toEqual(['1'])
})

// macOS has no such signal; there the next start deals with the orphan, as in the tests below.
if (thisHost().os === 'linux') {
  test('a server ends by itself when its Purser is killed', async () => {
    const home = await givenUsedHome()
    const child = spawnPurser(home)
    const report = await child.report
    if (!report.started) throw new Error(report.message)
    await child.kill()
    const isGone = () => !isPostmasterOf(report.pid, join(home, 'postgres'), thisHost())
    expect(await waitUntil(isGone, 10_000)).toBe(true)
    expect(readFileSync(join(home, 'postgres.log'), 'utf8')).toContain('database system is shut down')
  })
}

test.each([
  ['runs on', undefined],
  ['hangs', 'SIGSTOP'],
] as const)(
  'an orphan that %s where nothing tells it of the death of its Purser is stopped by the next start',
  async (_, condition) => {
    const home = await givenUsedHome()
    const child = spawnPurser(home, { host: givenHost([]) })
    const orphan = await child.report
    if (!orphan.started) throw new Error(orphan.message)
    await ask(orphan, `insert into kept values ('paid')`)
    await child.kill()
    expect(isPostmasterOf(orphan.pid, join(home, 'postgres'), thisHost())).toBe(true)
    if (condition !== undefined) process.kill(orphan.pid, condition)

    const lines: string[] = []
    const cluster = track(
      await startEmbeddedPostgres({ dataDir: join(home, 'postgres'), progress: (line) => lines.push(line) }),
    )
    expect(cluster).toMatchObject({ firstStart: false, tookOver: true })
    expect(lines).toEqual([expect.stringContaining(`process ${orphan.pid}`)])
    expect(await ask(cluster, 'select line from kept')).toEqual(['paid'])
  },
)

test('a Purser and its server killed at the same instant lose no committed row', async () => {
  const home = await givenUsedHome()
  const child = spawnPurser(home)
  const report = await child.report
  if (!report.started) throw new Error(report.message)
  await ask(report, `insert into kept values ('paid')`)
  process.kill(report.pid, 'SIGKILL')
  await child.kill()
  const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  expect(cluster.tookOver).toBe(false)
  expect(await ask(cluster, 'select line from kept')).toEqual(['paid'])
})

test('a pid file that by now names a living stranger is not taken for a server', async () => {
  const home = await givenUsedHome()
  const stranger = spawn('sleep', ['600'])
  const exited = once(stranger, 'exit')
  track({
    stop: async () => {
      stranger.kill('SIGKILL')
      await exited
    },
  })
  const file = join(home, 'postgres', 'postmaster.pid')
  writeFileSync(file, `${stranger.pid}\n${join(home, 'postgres')}\n1700000000\n5432\n/tmp\n\n 1 1\nready   \n`)
  const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  expect(cluster.tookOver).toBe(false)
  expect(stranger.exitCode).toBeNull()
  expect(stranger.signalCode).toBeNull()
})
