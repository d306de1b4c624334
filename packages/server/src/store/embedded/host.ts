// Facts about the machine that decide how the private cluster can run. They are one value so that a test can describe
// another machine: an unknown processor, a musl system, a container without user namespaces, a Mac without util-linux.
import { existsSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { delay, systemClock } from '../../kernel/clock.ts'

export type Host = {
  readonly os: NodeJS.Platform
  readonly arch: string
  /** The prebuilt Linux binaries need the loader of glibc; Alpine and other musl systems lack it. */
  readonly hasGlibc: boolean
  /** Where unshare, setpriv, flock and ps are looked for. A tool that is not there is done without. */
  readonly toolPath: string
}

const GLIBC_LOADERS: Readonly<Record<string, string>> = {
  x64: '/lib64/ld-linux-x86-64.so.2',
  arm64: '/lib/ld-linux-aarch64.so.1',
}

export function thisHost(): Host {
  const loader = GLIBC_LOADERS[arch()]
  return {
    os: platform(),
    arch: arch(),
    hasGlibc: loader !== undefined && existsSync(loader),
    toolPath: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  }
}

/** The whole environment of every program started here: nothing of ours (PGPORT, LC_MESSAGES, ...) may leak in. */
export function toolEnvironment(host: Host): { PATH: string; LC_ALL: string; TZ: string } {
  return { PATH: host.toolPath, LC_ALL: 'C', TZ: 'UTC' }
}

/** Asks again every few milliseconds; false when `timeoutMs` have passed without a yes. */
export async function waitUntil(isDone: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadlineMs = systemClock.monotonicMs() + timeoutMs
  while (!isDone()) {
    if (systemClock.monotonicMs() > deadlineMs) return false
    await delay(5)
  }
  return true
}
