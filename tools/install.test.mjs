// On projects of two workspaces each, installed by the real npm; links need no network.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ensureInstalled, isInstalled } from './install.mjs'

const made = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const LINK = { resolved: 'packages/part', link: true }

function givenProject(packages = {}) {
  const root = mkdtempSync(join(tmpdir(), 'purser-install-'))
  made.push(root)
  mkdirSync(join(root, 'packages/part'), { recursive: true })
  const whole = { name: 'whole', version: '1.0.0', private: true, workspaces: ['packages/part'] }
  write(root, 'package.json', whole)
  write(root, 'packages/part/package.json', { name: 'part', version: '1.0.0' })
  const listed = { '': whole, 'node_modules/part': LINK, 'packages/part': { version: '1.0.0' }, ...packages }
  write(root, 'package-lock.json', { name: 'whole', version: '1.0.0', lockfileVersion: 3, packages: listed })
  return root
}

function givenInstalled(root, packages) {
  for (const folder of Object.keys(packages)) mkdirSync(join(root, folder), { recursive: true })
  write(root, 'node_modules/.package-lock.json', { packages })
}

function write(root, path, content) {
  writeFileSync(join(root, path), JSON.stringify(content))
}

describe('a fresh clone', () => {
  test('is installed once, and not again', async () => {
    const root = givenProject()
    expect(isInstalled(root)).toBe(false)
    await ensureInstalled(root)
    expect(isInstalled(root)).toBe(true)
    expect(JSON.parse(readFileSync(join(root, 'node_modules/part/package.json'), 'utf8'))).toMatchObject({
      name: 'part',
    })
  })

  test('is installed again when the lockfile changed', async () => {
    const root = givenProject()
    await ensureInstalled(root)
    const lock = join(root, 'package-lock.json')
    writeFileSync(lock, `${readFileSync(lock, 'utf8')}\n`)
    expect(isInstalled(root)).toBe(false)
    await ensureInstalled(root)
    expect(isInstalled(root)).toBe(true)
  })

  test('says what npm said when it cannot be installed', async () => {
    const root = givenProject()
    write(root, 'package.json', { name: 'whole', version: '1.0.0', dependencies: { 'not-in-the-lockfile': '1.0.0' } })
    await expect(ensureInstalled(root)).rejects.toThrow(/npm ci[\s\S]*not-in-the-lockfile/)
    expect(isInstalled(root)).toBe(false)
  })
})

describe('an installation without a record', () => {
  const dependency = { version: '1.2.3', integrity: 'sha512-a' }
  const locked = { 'node_modules/a': dependency }
  const elsewhere = { 'node_modules/other-system': { version: '1.0.0', optional: true } }

  test('is taken as it is when npm’s own list matches the lockfile', () => {
    const root = givenProject(locked)
    givenInstalled(root, { 'node_modules/part': LINK, ...locked })
    expect(isInstalled(root)).toBe(true)
  })

  test('may lack what is optional, for other systems', () => {
    const root = givenProject({ ...locked, ...elsewhere })
    givenInstalled(root, { 'node_modules/part': LINK, ...locked })
    expect(isInstalled(root)).toBe(true)
  })

  test.each([
    ['another version', { 'node_modules/a': { ...dependency, version: '1.2.4' } }],
    ['other content', { 'node_modules/a': { ...dependency, integrity: 'sha512-b' } }],
    ['a package too few', {}],
    ['a package too many', { ...locked, 'node_modules/b': dependency }],
  ])('is not taken with %s', (_, present) => {
    const root = givenProject(locked)
    givenInstalled(root, { 'node_modules/part': LINK, ...present })
    expect(isInstalled(root)).toBe(false)
  })

  test('is not taken when a folder is gone', () => {
    const root = givenProject(locked)
    givenInstalled(root, { 'node_modules/part': LINK, ...locked })
    rmSync(join(root, 'node_modules/a'), { recursive: true })
    expect(isInstalled(root)).toBe(false)
  })
})
