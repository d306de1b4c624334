import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readDemoFile } from './demo-file.ts'

const DEMO = { base_url: 'http://127.0.0.1:7300', merchant_id: 'mer_1', secret_key: 'sk_test_1', later: true }

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purser-demo-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('reads what a server wrote, later keys included', async () => {
  await writeFile(join(folder, 'demo.json'), JSON.stringify(DEMO))
  expect(await readDemoFile(folder)).toEqual(DEMO)
})

test('no file means that no server was started here yet', async () => {
  expect(await readDemoFile(folder)).toBeUndefined()
})

test('a file that lacks what is needed is named, without its content', async () => {
  await writeFile(join(folder, 'demo.json'), JSON.stringify({ secret_key: 'sk_test_1' }))
  await expect(readDemoFile(folder)).rejects.toThrow(/demo\.json lacks base_url/)
  await expect(readDemoFile(folder)).rejects.not.toThrow(/sk_test_1/)
})
