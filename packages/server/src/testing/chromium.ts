// A real Chromium for the browser tests, found or unpacked here; a test without a browser fails, it never skips.
// Never use the `args` that @sparticuz/chromium offers: they switch web security off, and a page of an attacker could
// then read what it must not. test/browser/chromium.test.ts proves that it cannot.
import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

type Installation = { readonly executable: string; readonly env: Readonly<Record<string, string>> }

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const UNPACK_TIMEOUT_MS = 120_000

// Beside --no-sandbox (tests run as root in containers) only what keeps the browser off the network by itself.
// Playwright gives every launch a fresh --user-data-dir of its own and refuses the flag in this list.
const ARGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

// The package's own file names directories under /tmp, where it would have unpacked itself.
const fontsConf = (home: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, 'fonts', 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(home, 'fonts-cache')}</cachedir>
</fontconfig>
`

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** @throws Error with instructions when this machine has no Chromium and none can be unpacked */
export async function launchChromium(): Promise<Browser> {
  const found = await findChromium()
  // The type is wider than what Node gives: an absent variable is no entry.
  const inherited = process.env as Record<string, string>
  return await chromium.launch({
    executablePath: found.executable,
    args: ARGS,
    chromiumSandbox: false,
    env: { ...inherited, ...found.env },
  })
}

async function findChromium(): Promise<Installation> {
  const named = process.env['CHROMIUM_PATH']
  if (named !== undefined && named !== '') {
    if (await isExecutable(named)) return { executable: named, env: {} }
    throw new Error(`CHROMIUM_PATH names ${named}, which is not an executable file.`)
  }
  let reason = `@sparticuz/chromium has no build for ${process.platform} ${process.arch}`
  if (process.platform === 'linux' && process.arch === 'x64') {
    try {
      return await unpacked()
    } catch (error) {
      reason = `@sparticuz/chromium could not be unpacked: ${String(error)}`
    }
  }
  for (const executable of INSTALLED) if (await isExecutable(executable)) return { executable, env: {} }
  throw new Error(
    `The browser tests need Chromium and found none (${reason}). ` +
      'Install one (on Debian: apt-get install chromium), or set CHROMIUM_PATH to its executable.',
  )
}

// The package unpacks into the temporary directory and takes whatever lies there for whole, even what a killed run
// left half written. So it unpacks into a directory of its own, which gets its final name only when it is complete.
async function unpacked(): Promise<Installation> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const manifest = join(dirname(entry), '..', '..', 'package.json')
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string }
  const cache = join(ROOT, '.cache')
  const home = join(cache, `chromium-${version}`)
  const installation: Installation = {
    executable: join(home, 'chromium'),
    env: { LD_LIBRARY_PATH: join(home, 'al2023', 'lib'), FONTCONFIG_PATH: join(home, 'fonts') },
  }
  if (await isExecutable(installation.executable)) return installation
  await mkdir(cache, { recursive: true })
  const fresh = await mkdtemp(join(cache, 'chromium-'))
  const script = `import c from ${JSON.stringify('@sparticuz/chromium')}; await c.executablePath()`
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: ROOT,
    timeout: UNPACK_TIMEOUT_MS,
    // The runtime's name makes the package unpack the NSS libraries that a bare machine lacks.
    env: { ...process.env, TMPDIR: fresh, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' },
  })
  await writeFile(join(fresh, 'fonts', 'fonts.conf'), fontsConf(home))
  try {
    await rename(fresh, home)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    // Another run was quicker.
    if (!(await isExecutable(installation.executable))) throw error
  }
  return installation
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
