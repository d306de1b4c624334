import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { SETTINGS } from '../packages/server/src/config.ts'

const START = fileURLToPath(new URL('./start.mjs', import.meta.url))
const run = promisify(execFile)

test('--help names flags that exist, with the defaults that hold', async () => {
  const { stdout } = await run(process.execPath, [START, '--help'])
  const flags = [...stdout.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, flag]) => flag).filter((flag) => flag !== '--help')
  expect(flags.length).toBeGreaterThan(3)
  for (const flag of flags) expect(SETTINGS.map((setting) => setting.flag)).toContain(flag)
  for (const flag of ['--port', '--host', '--data-dir']) {
    expect(stdout).toContain(`(${SETTINGS.find((setting) => setting.flag === flag)?.otherwise})`.replace(')', ''))
  }
})

test('a Node that is too old is told which one is needed', async () => {
  const older = 'data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"18.20.0"}})'
  const failure = await run(process.execPath, ['--import', older, START]).catch((error) => error)
  expect(failure.code).toBe(1)
  expect(failure.stderr).toMatch(/^Purser needs Node 20\.19 or later/)
})
