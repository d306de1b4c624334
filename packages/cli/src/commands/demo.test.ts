// What the demo takes on its command line, before it calls anything.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { main } from '../main.ts'

let folder: string
let said: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-demo-'))
  said = ''
  const keep = (text: string | Uint8Array) => {
    said += String(text)
    return true
  }
  vi.spyOn(process.stderr, 'write').mockImplementation(keep)
  vi.spyOn(process.stdout, 'write').mockImplementation(keep)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

test.each([['demo'], ['demo', 'juspay']])('%s %s says what to do where no server was started', async (...argv) => {
  expect(await main([...argv, '--data-dir', folder])).toBe(1)
  expect(said).toContain('There is no demo.json in')
})

test('a story that nobody wrote is refused, and those that are there are named', async () => {
  expect(await main(['demo', 'jusapy'])).toBe(1)
  expect(said).toContain('own, juspay')
})
