// The library links that the package's install script would have made, in a copy of the package that lacks them.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { closeDirectory, givenHome, ordinaryUser, spawnProgram } from '../../testing/embedded-purser.ts'
import { findNative, linkBinaries } from './binaries.ts'
import { thisHost } from './host.ts'

const BINARIES = new URL('./binaries.ts', import.meta.url).href

test('missing and dangling links are made in the package, and then nothing is left to do', () => {
  const native = givenUnlinkedPackage()
  const link = firstLink(native)
  symlinkSync('gone', link)
  const spare = join(givenHome(), 'spare')
  const binaries = linkBinaries(native, spare, thisHost())
  expect(runVersion(binaries.bin, binaries.environment)).toContain('PostgreSQL')
  const made = lstatSync(link).ino
  linkBinaries(native, spare, thisHost())
  expect(lstatSync(link).ino).toBe(made)
  expect(existsSync(spare)).toBe(false)
  expect(readdirSync(join(native, 'lib')).filter((name) => /\.[0-9a-f]{12}$/.test(name))).toEqual([])
})

test('a package that is linked already need not be writable', async () => {
  const native = givenUnlinkedPackage()
  linkBinaries(native, join(givenHome(), 'spare'), thisHost())
  closeDirectory(join(native, 'lib'))
  const spare = join(givenHome(), 'spare')
  expect(await linkElsewhere(native, spare)).toEqual({ bin: join(native, 'bin'), environment: {} })
  expect(existsSync(spare)).toBe(false)
})

test('the links of a package that may not be written to are made beside the data, also by two at once', async () => {
  const native = givenUnlinkedPackage()
  closeDirectory(join(native, 'lib'))
  const spare = join(givenHome(), 'spare')
  const both = await Promise.all([linkElsewhere(native, spare), linkElsewhere(native, spare)])
  for (const { bin, environment } of both) expect(runVersion(bin, environment)).toContain('PostgreSQL')
  expect(Object.values(both[0].environment)).toEqual([spare])
})

test('where neither place may be written to, both are named', async () => {
  const native = givenUnlinkedPackage()
  closeDirectory(join(native, 'lib'))
  const closed = givenHome(0o555)
  await expect(linkElsewhere(native, join(closed, 'spare'))).rejects.toThrow(
    `The libraries of PostgreSQL can be linked neither in node_modules nor in ${closed}`,
  )
})

function firstLink(native: string): string {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as [{ target: string }]
  return join(native, '..', links[0].target)
}

function givenUnlinkedPackage(): string {
  const installed = findNative(thisHost())
  const native = join(givenHome(0o755), 'native')
  mkdirSync(join(native, 'lib'), { recursive: true })
  symlinkSync(join(installed, 'share'), join(native, 'share'))
  mkdirSync(join(native, 'bin'))
  copyFileSync(join(installed, 'bin', 'postgres'), join(native, 'bin', 'postgres'))
  copyFileSync(join(installed, 'pg-symlinks.json'), join(native, 'pg-symlinks.json'))
  for (const entry of readdirSync(join(installed, 'lib'), { withFileTypes: true })) {
    const isLibrary = entry.isFile() && !entry.name.endsWith('.a')
    if (isLibrary) copyFileSync(join(installed, 'lib', entry.name), join(native, 'lib', entry.name))
  }
  return native
}

// In a process of somebody whom a mode can stop: root may write everywhere.
async function linkElsewhere(
  native: string,
  spare: string,
): Promise<{ bin: string; environment: Record<string, string> }> {
  const program = `
    import { linkBinaries } from '${BINARIES}'
    import { thisHost } from '${new URL('host.ts', BINARIES).href}'
    const { native, spare } = JSON.parse(process.argv[1])
    try {
      console.log(JSON.stringify(linkBinaries(native, spare, thisHost())))
    } catch (error) {
      console.log(JSON.stringify({ message: error.message }))
    }`
  const child = spawnProgram(program, JSON.stringify({ native, spare }), ordinaryUser)
  const outcome: unknown = await child.report
  const { message } = outcome as { message?: string }
  if (message !== undefined) throw new Error(message)
  return outcome as { bin: string; environment: Record<string, string> }
}

function runVersion(bin: string, environment: Readonly<Record<string, string>>): string {
  expect(dirname(bin)).not.toBe(findNative(thisHost()))
  return execFileSync(join(bin, 'postgres'), ['--version'], { env: { ...environment }, encoding: 'utf8' })
}
