import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withPidLock } from './pid-lock.mjs'

const MODULE = new URL('./pid-lock.mjs', import.meta.url).href
let folder
let lock

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'purser-lock-'))
  lock = join(folder, 'deep', 'one.lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

// A process of its own that takes the lock, says so, and holds it until it is told to go on.
async function givenHolder(alsoHolds = []) {
  const script = `
    import { withPidLock } from ${JSON.stringify(MODULE)}
    await withPidLock(${JSON.stringify(lock)}, () => {}, async (hold) => {
      for (const pid of ${JSON.stringify(alsoHolds)}) hold(pid)
      console.log('held')
      await new Promise((resolve) => process.stdin.once('data', resolve))
    })
    process.exit()`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  return holder
}

test('the second waits for the first and is told its number', async () => {
  const holder = await givenHolder()
  const seen = []
  const second = withPidLock(
    lock,
    (pid) => {
      seen.push(pid)
      holder.stdin.write('go on\n')
    },
    async () => seen.push('ours'),
  )
  await second
  expect(seen).toEqual([holder.pid, 'ours'])
  expect(existsSync(lock)).toBe(false)
})

test('what a killed holder left behind holds nobody up', async () => {
  const holder = await givenHolder()
  holder.kill('SIGKILL')
  await once(holder, 'close')
  expect(existsSync(lock)).toBe(true)
  await expect(
    withPidLock(
      lock,
      () => {},
      async () => 'ours',
    ),
  ).resolves.toBe('ours')
})

test('a program that outlives its killed holder is waited for', async () => {
  const program = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
  const holder = await givenHolder([program.pid])
  holder.kill('SIGKILL')
  await once(holder, 'close')
  const waitedFor = []
  const onWait = (pid) => {
    waitedFor.push(pid)
    program.kill('SIGKILL')
  }
  await withPidLock(lock, onWait, async () => {})
  expect(waitedFor).toEqual([program.pid])
})

test('work that fails lets go', async () => {
  const work = async () => {
    throw new Error('no')
  }
  await expect(withPidLock(lock, () => {}, work)).rejects.toThrow('no')
  expect(existsSync(lock)).toBe(false)
})

test('many at once get it one after the other', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    inside += 1
    most = Math.max(most, inside)
    await new Promise((resolve) => setImmediate(resolve))
    inside -= 1
  }
  await Promise.all(Array.from({ length: 5 }, () => withPidLock(lock, () => {}, work)))
  expect(most).toBe(1)
})
