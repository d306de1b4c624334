// The built files of the payment page, the dashboard and the web SDK. Vite gives every file of a page a name with a
// hash of its content and writes a manifest; only what a manifest or the list of SDK files names is ever served, so no
// request path reaches the file system.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { AppError } from '../kernel/errors.ts'
import { sha256 } from '../kernel/hmac.ts'

export const BUNDLES = { checkout: 'src/page/main.ts', dashboard: 'src/main.tsx' } as const
export type BundleName = keyof typeof BUNDLES

/** `purser.js` sets window.Purser, `purser.mjs` is the same as a module. */
export const SDK_FILES = ['purser.js', 'purser.mjs'] as const
export type SdkFileName = (typeof SDK_FILES)[number]

/** What the HTML of a page has to name. Paths on this server. */
export type Bundle = { readonly script: string; readonly styles: readonly string[] }

export type AssetFile = {
  readonly type: string
  readonly body: Buffer
  /** Compressed on first use, then kept. */
  gzipped(): Promise<Buffer>
}

export type Assets = {
  /** @throws AppError page_not_built */
  bundle(name: BundleName): Promise<Bundle>
  /** @param name the file's name below /assets/ */
  file(name: string): Promise<AssetFile | undefined>
  /** @throws AppError page_not_built */
  sdk(name: SdkFileName): Promise<AssetFile & { readonly hash: string }>
}

type ManifestEntry = { readonly file: string; readonly css?: readonly string[]; readonly assets?: readonly string[] }
type Loaded = { readonly bundle: Bundle; readonly files: ReadonlyMap<string, AssetFile> }

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  png: 'image/png',
}

const NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/
// From src/http by tsx and from dist/http when built: both lie three folders below packages.
const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url))

/** Reads a build when it is first asked for; a missing one is looked for again, so that a build mends it. */
export function createAssets(packagesDir: string = PACKAGES): Assets {
  const loaded = new Map<BundleName, Promise<Loaded>>()
  const sdk = new Map<SdkFileName, AssetFile & { readonly hash: string }>()
  const load = async (name: BundleName): Promise<Loaded> => {
    const known = loaded.get(name) ?? readBuild(packagesDir, name)
    loaded.set(name, known)
    try {
      return await known
    } catch (error) {
      loaded.delete(name)
      throw error
    }
  }
  return {
    bundle: async (name) => (await load(name)).bundle,
    file: async (name) => {
      if (!NAME.test(name)) return undefined
      for (const bundle of Object.keys(BUNDLES) as BundleName[]) {
        const build = await load(bundle).catch(() => undefined)
        const file = build?.files.get(name)
        if (file !== undefined) return file
      }
      return undefined
    },
    sdk: async (name) => {
      const file = sdk.get(name) ?? (await readSdkFile(packagesDir, name))
      sdk.set(name, file)
      return file
    },
  }
}

async function readSdkFile(packagesDir: string, name: SdkFileName): Promise<AssetFile & { readonly hash: string }> {
  try {
    const body = await readFile(join(packagesDir, 'checkout', 'dist', 'sdk', name))
    return { ...assetFile(name, body), hash: sha256(body).toString('hex').slice(0, 32) }
  } catch (cause) {
    throw new AppError('page_not_built', { page: 'checkout' }, { cause })
  }
}

async function readBuild(packagesDir: string, name: BundleName): Promise<Loaded> {
  const dist = join(packagesDir, name, 'dist')
  try {
    const text = await readFile(join(dist, '.vite', 'manifest.json'), 'utf8')
    const manifest = JSON.parse(text) as Record<string, ManifestEntry>
    const entry = manifest[BUNDLES[name]]
    if (entry === undefined) throw new Error(`The manifest of ${name} does not name ${BUNDLES[name]}.`)
    const names = new Set(Object.values(manifest).flatMap((it) => [it.file, ...(it.css ?? []), ...(it.assets ?? [])]))
    const files = await Promise.all(
      [...names].map(async (file) => [file, assetFile(file, await readFile(join(dist, file)))] as const),
    )
    const address = (file: string) => `/assets/${file}`
    return {
      bundle: { script: address(entry.file), styles: (entry.css ?? []).map(address) },
      files: new Map(files),
    }
  } catch (cause) {
    throw new AppError('page_not_built', { page: name }, { cause })
  }
}

function assetFile(name: string, body: Buffer): AssetFile {
  let compressed: Promise<Buffer> | undefined
  return {
    type: TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    body,
    gzipped: () => {
      compressed ??= promisify(gzip)(body, { level: 9 })
      return compressed
    },
  }
}
