import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAssets } from './assets.ts'

let packages: string

beforeEach(async () => {
  packages = await mkdtemp(join(tmpdir(), 'purser-assets-'))
})
afterEach(() => rm(packages, { recursive: true, force: true }))

async function build(name: string, entry: string): Promise<void> {
  const dist = join(packages, name, 'dist')
  await mkdir(join(dist, '.vite'), { recursive: true })
  const manifest = { [entry]: { file: `${name}-a1b2.js`, css: [`${name}-c3d4.css`], isEntry: true } }
  await writeFile(join(dist, '.vite', 'manifest.json'), JSON.stringify(manifest))
  await writeFile(join(dist, `${name}-a1b2.js`), 'script '.repeat(100))
  await writeFile(join(dist, `${name}-c3d4.css`), 'style')
  await writeFile(join(dist, 'notes.txt'), 'not for the public')
}

describe('the built files of the pages', () => {
  test('are named by the manifest, by the addresses that they are served under', async () => {
    await build('checkout', 'src/page/main.ts')
    expect(await createAssets(packages).bundle('checkout')).toEqual({
      script: '/assets/checkout-a1b2.js',
      styles: ['/assets/checkout-c3d4.css'],
    })
  })

  test('are found with their type, compressed to the same content', async () => {
    await build('checkout', 'src/page/main.ts')
    const file = await createAssets(packages).file('checkout-a1b2.js')
    expect(file?.type).toBe('text/javascript; charset=utf-8')
    const compressed = await file?.gzipped()
    expect(compressed?.length).toBeLessThan(file?.body.length ?? 0)
    expect(gunzipSync(compressed ?? Buffer.alloc(0))).toEqual(file?.body)
  })

  test.each(['notes.txt', '.vite', '../package.json', '..%2Fpackage.json', 'manifest.json', 'a/b.js', '', '.'])(
    'are all there is: %j is nothing, because no manifest names it',
    async (name) => {
      await build('checkout', 'src/page/main.ts')
      expect(await createAssets(packages).file(name)).toBeUndefined()
    },
  )

  test('of one page are served while the other page has not been built', async () => {
    await build('dashboard', 'src/main.tsx')
    const assets = createAssets(packages)
    expect(await assets.file('dashboard-c3d4.css')).toBeDefined()
    await expect(assets.bundle('checkout')).rejects.toMatchObject({
      code: 'page_not_built',
      details: { page: 'checkout' },
    })
  })

  test('that were missing are found as soon as they are built, without a restart', async () => {
    const assets = createAssets(packages)
    await expect(assets.bundle('checkout')).rejects.toMatchObject({ code: 'page_not_built' })
    await build('checkout', 'src/page/main.ts')
    expect((await assets.bundle('checkout')).script).toBe('/assets/checkout-a1b2.js')
  })
})
