// As whom the server runs: every kind of user and machine gets a running database, and files keep one owner. Most of it
// only root can show, who can be anybody; for anyone else all the other test files here run as an ordinary user
// already.
import { spawnSync } from 'node:child_process'
import { cpSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  ask,
  givenHome,
  givenHost,
  givenUsedHome,
  isRoot,
  ordinaryUser,
  spawnPurser,
  track,
} from '../../testing/embedded-purser.ts'
import { findNative } from './binaries.ts'
import { chooseConfinement } from './confinement.ts'
import { thisHost } from './host.ts'
import { startEmbeddedPostgres } from './index.ts'

const nobody = 65534
// A container's usual policy forbids them; the tests pass on both kinds of machine, and each takes its own way.
const namespacesAllowed = spawnSync('unshare', ['--user', 'true']).status === 0

test('an ordinary user makes a database, and the files are theirs', async () => {
  const home = givenHome()
  const report = await spawnPurser(home, ordinaryUser).report
  expect(report).toMatchObject({ started: true, firstStart: true })
  expect(statSync(join(home, 'postgres')).uid).toBe(ordinaryUser.uid ?? process.getuid?.())
})

test('an ordinary user without setpriv, as on a Mac, makes a database', async () => {
  const home = givenHome()
  const report = await spawnPurser(home, { ...ordinaryUser, host: givenHost([]) }).report
  expect(report).toMatchObject({ started: true, firstStart: true })
})

if (isRoot) {
  describe('root', () => {
    test('keeps the files where user namespaces are allowed', async () => {
      const home = givenHome(0o700)
      const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
      expect(await ask(cluster, 'select 1')).toEqual(['1'])
      expect(statSync(join(home, 'postgres')).uid).toBe(namespacesAllowed ? 0 : nobody)
      expect(statSync(home).mode & 0o777).toBe(namespacesAllowed ? 0o700 : 0o711)
    })

    test.each([
      ['setpriv', ['setpriv', 'flock']],
      ['no tool', ['flock']],
    ])('with %s runs as nobody where user namespaces are blocked, and ever after', async (_, tools) => {
      const home = givenHome(0o700)
      const blocked = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres'), host: givenHost(tools) }))
      expect(blocked.firstStart).toBe(true)
      expect(await ask(blocked, 'select 1')).toEqual(['1'])
      expect(statSync(join(home, 'postgres', 'base')).uid).toBe(nobody)
      await blocked.stop()

      const allowed = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
      expect(await ask(allowed, 'select 1')).toEqual(['1'])
      expect(statSync(`/proc/${allowed.pid}`).uid).toBe(nobody)
    })

    test('hands its own files over to nobody where user namespaces have come to be blocked', async () => {
      const home = await givenUsedHome(0o700)
      const options = { dataDir: join(home, 'postgres'), host: givenHost(['setpriv', 'flock']) }
      const cluster = track(await startEmbeddedPostgres(options))
      expect(await ask(cluster, 'select count(*) from kept')).toEqual(['0'])
      expect(statSync(join(home, 'postgres', 'postgresql.conf')).uid).toBe(nobody)
    })

    test('runs a database that belongs to an ordinary user as that user', async () => {
      const home = await givenUsedHome()
      giveTo(1234, home)
      const cluster = track(await startEmbeddedPostgres({ dataDir: join(home, 'postgres') }))
      expect(await ask(cluster, 'select 1')).toEqual(['1'])
      expect(statSync(`/proc/${cluster.pid}`).uid).toBe(1234)
      expect(statSync(join(home, 'postgres', 'postmaster.pid')).uid).toBe(1234)
    })
  })

  test('root whom no way leads to the programs is told where nobody must get in, or what to do else', () => {
    const bin = join(givenHome(0o700), 'bin')
    cpSync(join(findNative(thisHost()), 'bin'), bin, { recursive: true })
    const start = () => chooseConfinement(join(givenHome(), 'postgres'), { bin, environment: {} }, givenHost([]))
    expect(start).toThrow(/does not run here .*EACCES.* be able to reach .*ordinary user.* Set DATABASE_URL/)
    expect(start).toThrow(bin)
  })

  test('a user without a name, as in a container with an arbitrary uid, makes a database or is told why not', async () => {
    const home = givenHome()
    const report = await spawnPurser(home, { uid: 1234, gid: 1234 }).report
    const refusal = { code: 'initialization_failed', message: expect.stringContaining('user ID 1234') }
    expect(report).toMatchObject(namespacesAllowed ? { started: true, firstStart: true } : refusal)
  })

  test('a user is told whose a database is that is not theirs', async () => {
    const home = await givenUsedHome()
    giveTo(1234, home)
    expect(await spawnPurser(home, ordinaryUser).report).toMatchObject({
      started: false,
      code: 'data_directory_unusable',
      message: expect.stringMatching(/belongs to user 1234, and Purser runs as user 65534/),
    })
  })
}

function giveTo(uid: number, home: string): void {
  const { status } = spawnSync('chown', ['-R', `${uid}:${uid}`, join(home, 'postgres')])
  expect(status).toBe(0)
}
