import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { main } from './main.ts'

let said = ''

beforeEach(() => {
  said = ''
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text)
      return true
    })
  }
})
afterEach(() => vi.restoreAllMocks())

test('--help says what there is and is no failure', async () => {
  expect(await main(['--help'])).toBe(0)
  expect(said).toContain('demo')
})

test('the help of the demo has examples', async () => {
  expect(await main(['demo', '--help'])).toBe(0)
  expect(said).toContain('purser demo --data-dir')
})

test('an unknown command or flag is a failure that points to the help', async () => {
  expect(await main(['demoo'])).not.toBe(0)
  expect(await main(['demo', '--colour'])).not.toBe(0)
  expect(said).toContain('--help')
})

test('without a server it says what to do first', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'purser-demo-'))
  expect(await main(['demo', '--data-dir', folder])).toBe(1)
  expect(said).toContain('npm start')
  await rm(folder, { recursive: true })
})
