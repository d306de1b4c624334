// The ordinary life of the private cluster (first start, later start, stop) and the directories it must refuse.
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ask, givenHome, givenUsedHome, spawnPurser, track } from '../../testing/embedded-purser.ts'
import { thisHost, waitUntil } from './host.ts'
import { startEmbeddedPostgres } from './index.ts'

test('a first start makes a checksummed UTF-8 database that is durable and listens on a private socket only', async () => {
  const home = givenHome()
  const lines: string[] = []
  const cluster = track(
    await startEmbeddedPostgres({ dataDir: join(home, 'postgres'), progress: (line) => lines.push(line) }),
  )

  expect(cluster).toMatchObject({ firstStart: true, tookOver: false, superuser: 'purser_superuser' })
  expect(lines).toEqual([expect.stringContaining('Making a PostgreSQL database')])
  expect(lstatSync(cluster.host).mode & 0o777).toBe(0o700)
  const names = [
    'data_checksums',
    'fsync',
    'full_page_writes',
    'listen_addresses',
    'max_connections',
    'server_encoding',
  ]
  const settings = await ask(
    cluster,
    `select name, setting from pg_settings where name in ('${names.join("','")}') order by name`,
  )
  expect(settings).toEqual([
    'data_checksums on',
    'fsync on',
    'full_page_writes on',
    'listen_addresses ',
    'max_connections 100',
    'server_encoding UTF8',
  ])
  expect(await ask(cluster, 'show synchronous_commit')).toEqual(['on'])
  expect(await ask(cluster, 'show shared_buffers')).toEqual(['128MB'])
  const locale = `select datlocprovider, datlocale from pg_database where datname = 'template1'`
  expect(await ask(cluster, locale)).toEqual(['b C.UTF-8'])
})

test('a later start finds what was committed before the stop', async () => {
  const home = await givenUsedHome()
  const first = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  await ask(first, `insert into kept values ('paid')`)
  await first.stop()

  const second = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  expect(second).toMatchObject({ firstStart: false, tookOver: false })
  expect(await ask(second, 'select line from kept')).toEqual(['paid'])
})

test('a stop leaves neither a process nor a socket directory nor a claim, and may be repeated', async () => {
  const home = await givenUsedHome()
  const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  await Promise.all([cluster.stop(), cluster.stop()])

  expect(() => process.kill(cluster.pid, 0)).toThrow('ESRCH')
  expect(existsSync(cluster.host)).toBe(false)
  expect(existsSync(join(home, 'postgres', 'postmaster.pid'))).toBe(false)
  expect(readFileSync(join(home, 'purser.lock'), 'utf8')).toBe('')
  expect(readFileSync(join(home, 'postgres.log'), 'utf8')).toContain('database system is shut down')
})

test('the socket directory of a killed Purser is removed by the next start', async () => {
  const home = await givenUsedHome()
  const child = spawnPurser(home)
  const report = await child.report
  if (!report.started) throw new Error(report.message)
  await child.kill()
  expect(existsSync(report.host)).toBe(true)

  const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  expect(cluster.host).not.toBe(report.host)
  expect(existsSync(report.host)).toBe(false)
})

test('a first start that was killed half-way leaves nothing that looks like a database', async () => {
  const home = givenHome()
  const child = spawnPurser(home)
  const unfinished = () => readdirSync(home).find((name) => name.startsWith('postgres.new-'))
  const isUnderWay = () => existsSync(join(home, unfinished() ?? 'none', 'global'))
  expect(await waitUntil(isUnderWay, 10_000)).toBe(true)
  await child.kill()
  expect(existsSync(join(home, 'postgres'))).toBe(false)

  const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  expect(cluster.firstStart).toBe(true)
  expect(unfinished()).toBeUndefined()
})

test('settings of the caller win over ours, but not over where the server listens', async () => {
  const home = await givenUsedHome()
  const settings = { max_connections: '20', listen_addresses: '*' }
  const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres'), settings }))
  expect(await ask(cluster, 'show max_connections')).toEqual(['20'])
  expect(await ask(cluster, 'show listen_addresses')).toEqual([''])
})

test('a server that ends while starting is reported with the end of its log', async () => {
  const home = await givenUsedHome()
  const start = startEmbeddedPostgres({ dataDir: join(home, 'postgres'), settings: { shared_buffers: 'plenty' } })
  await expect(start).rejects.toMatchObject({
    code: 'start_failed',
    message: expect.stringMatching(/postgres\.log:\n.*FATAL: .*"shared_buffers": "plenty"/s),
  })
  // A failed start keeps nothing claimed.
  track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
})

test('a log of more than 10 MB is put aside at the start', async () => {
  const home = await givenUsedHome()
  writeFileSync(join(home, 'postgres.log'), Buffer.alloc(10 * 1024 * 1024 + 1, '\n'))
  track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
  expect(lstatSync(join(home, 'postgres.log.1')).size).toBe(10 * 1024 * 1024 + 1)
  expect(readFileSync(join(home, 'postgres.log'), 'utf8')).toMatch(/^\S.*starting PostgreSQL/)
})

test('a directory with foreign files is left alone', async () => {
  const home = givenHome()
  mkdirSync(join(home, 'postgres'))
  writeFileSync(join(home, 'postgres', 'thesis.txt'), 'years of work')
  await expect(startEmbeddedPostgres({ dataDir: join(home, 'postgres') })).rejects.toMatchObject({
    code: 'data_directory_unusable',
    message: expect.stringContaining('not a PostgreSQL database'),
  })
  expect(readdirSync(join(home, 'postgres'))).toEqual(['thesis.txt'])
})

test('a database of another major version is refused by both numbers', async () => {
  const home = await givenUsedHome()
  writeFileSync(join(home, 'postgres', 'PG_VERSION'), '17\n')
  await expect(startEmbeddedPostgres({ dataDir: join(home, 'postgres') })).rejects.toMatchObject({
    code: 'data_directory_unusable',
    message: expect.stringMatching(/PostgreSQL 17, .* brings 18/),
  })
})

test.each([
  ['an unknown platform', { os: 'freebsd', arch: 'riscv64' }, 'freebsd-riscv64'],
  ['a musl system', { os: 'linux', arch: 'x64', hasGlibc: false }, 'musl'],
  ['a platform whose package was not installed', { os: 'win32', arch: 'x64' }, 'optional dependencies'],
] as const)('%s is told to set DATABASE_URL, and nothing is written', async (_, machine, reason) => {
  const home = join(givenHome(), 'fresh')
  const start = startEmbeddedPostgres({ dataDir: join(home, 'postgres'), host: { ...thisHost(), ...machine } })
  await expect(start).rejects.toMatchObject({
    code: 'unsupported_platform',
    message: expect.stringContaining(reason),
  })
  await expect(start).rejects.toThrow('DATABASE_URL')
  expect(existsSync(home)).toBe(false)
})
