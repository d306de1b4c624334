// One Purser per directory: the second is refused by name, the dead hold nothing, and of two at once exactly one wins.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, givenHome, givenHost, givenUsedHome, spawnPurser, track } from '../../testing/embedded-purser.ts'
import { thisHost } from './host.ts'
import { claimDataDirectory, startEmbeddedPostgres } from './index.ts'
import { processToken } from './process-identity.ts'

const everyTool = thisHost()
const machines = [
  ['with a lock of the operating system', everyTool],
  ['without one', { ...everyTool, toolPath: '/nowhere' }],
] as const

test.each(machines)(
  '%s, a second claim is refused with the pid and the announced url of the first',
  async (_, host) => {
    const home = givenHome()
    const first = await claimDataDirectory(home, host)
    await expect(claimDataDirectory(home, host)).rejects.toMatchObject({
      code: 'data_directory_in_use',
      pid: process.pid,
      url: undefined,
    })
    first.announce('http://127.0.0.1:7300')
    await expect(claimDataDirectory(home, host)).rejects.toMatchObject({
      pid: process.pid,
      url: 'http://127.0.0.1:7300',
      message: expect.stringContaining(`process ${process.pid}, at http://127.0.0.1:7300`),
    })
    first.release()
    first.release()
    const second = await claimDataDirectory(home, host)
    first.announce('http://too.late')
    expect(readFileSync(join(home, 'purser.lock'), 'utf8')).not.toContain('too.late')
    second.release()
  },
)

test.each(machines)('%s, of two claims at the same moment one wins', async (_, host) => {
  const home = givenHome()
  const claims = await Promise.allSettled([claimDataDirectory(home, host), claimDataDirectory(home, host)])
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  for (const claim of claims) if (claim.status === 'fulfilled') claim.value.release()
})

test.each(machines)('%s, what the dead wrote is ignored, even if their pid lives again', async (_, host) => {
  const home = givenHome()
  const token = processToken(process.ppid, host)
  expect(token).toBeDefined()
  for (const holder of [
    { pid: process.ppid, token: `${token}0`, claim: 'of a process that had this pid before' },
    { pid: 2 ** 30, token: 'of nobody', claim: 'of nobody' },
  ]) {
    writeFileSync(join(home, 'purser.lock'), JSON.stringify(holder))
    const claim = await claimDataDirectory(home, host)
    claim.release()
  }
})

test('a lock of the operating system counts even if its holder cannot be seen, as from another container', async () => {
  const home = givenHome()
  const claim = await claimDataDirectory(home)
  writeFileSync(join(home, 'purser.lock'), JSON.stringify({ pid: 2 ** 30, token: 'elsewhere', claim: 'elsewhere' }))
  await expect(claimDataDirectory(home)).rejects.toMatchObject({ code: 'data_directory_in_use', pid: 2 ** 30 })
  claim.release()
})

test('without a lock of the operating system, the last of those who saw the directory free has it', async () => {
  const home = givenHome()
  const [, host] = machines[1]
  const claim = claimDataDirectory(home, host)
  const rival = { pid: process.ppid, token: processToken(process.ppid, host), claim: 'of the last' }
  writeFileSync(join(home, 'purser.lock'), JSON.stringify(rival))
  await expect(claim).rejects.toMatchObject({ code: 'data_directory_in_use', pid: process.ppid })
})

test.each(['', 'null', '{"pid":"1"}', '{"pid":'])('a lock file that holds %j claims nothing', async (text) => {
  const home = givenHome()
  writeFileSync(join(home, 'purser.lock'), text)
  const claim = await claimDataDirectory(home)
  claim.release()
})

test('the directory is made if need be, closed to others, and one that cannot be used is named', async () => {
  const home = join(givenHome(), 'deep', 'down')
  const claim = await claimDataDirectory(home)
  expect(statSync(home).mode & 0o777).toBe(0o700)
  expect(statSync(join(home, 'purser.lock')).mode & 0o777).toBe(0o600)
  claim.release()

  const blocked = givenHome()
  mkdirSync(join(blocked, 'purser.lock'))
  await expect(claimDataDirectory(blocked)).rejects.toMatchObject({
    code: 'data_directory_unusable',
    message: expect.stringContaining(blocked),
  })
})

test('a second Purser on the same directory is refused with the pid of the first, which is not disturbed', async () => {
  const home = await givenUsedHome()
  const first = spawnPurser(home)
  const report = await first.report
  if (!report.started) throw new Error(report.message)

  await expect(startEmbeddedPostgres({ dataDir: join(home, 'postgres') })).rejects.toMatchObject({
    code: 'data_directory_in_use',
    pid: first.process.pid,
  })
  expect(await ask(report, 'select 1')).toEqual(['1'])

  await first.kill()
  const third = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  expect(await ask(third, 'select 1')).toEqual(['1'])
})

test('a claim that the caller holds is used, and is left to the caller', async () => {
  const home = await givenUsedHome()
  const claim = await claimDataDirectory(home)
  const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres'), claim }))
  await cluster.stop()
  await expect(claimDataDirectory(home)).rejects.toMatchObject({ code: 'data_directory_in_use' })
  claim.release()
})

test.each([
  ['with a lock of the operating system', undefined],
  ['without one', []],
] as const)('%s, of two first starts at once one wins and the other names it', async (_, tools) => {
  const home = givenHome()
  const host = tools === undefined ? everyTool : givenHost(tools)
  const children = [spawnPurser(home, { host }), spawnPurser(home, { host })] as const
  const reports = await Promise.all(children.map(({ report }) => report))
  const [winner, loser] = reports[0]?.started ? [0, 1] : [1, 0]
  expect(reports[winner]).toMatchObject({ started: true, firstStart: true })
  expect(reports[loser]).toMatchObject({
    started: false,
    code: 'data_directory_in_use',
    pid: children[winner]?.process.pid,
  })
})
