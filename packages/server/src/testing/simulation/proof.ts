// A proof suite: a test that counts. How much is asked of it, from which seed on and for how long comes from the
// environment (tools/proof.mjs sets it; without it, the push tier runs). What was reached is written down as one line
// of JSON per suite; a violation is told with the command that runs it again.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'

export const TIERS = ['push', 'nightly', 'release'] as const
export type Tier = (typeof TIERS)[number]

export type Counts = Readonly<Record<string, number | Readonly<Record<string, number>>>>

export type ProofRun = {
  readonly tier: Tier
  /** The first seed. */
  readonly seed: number
  /** How much of the suite's own measure is asked for. */
  readonly goal: number
  /** Set when one seed is run again: tell everything. */
  readonly isReplay: boolean
  isOver(): boolean
  progress(line: string): void
}

/** `seeds`: how many were used, so that a later slice goes on after them. */
export type Reached = { readonly counts: Counts; readonly seeds: number }

const SLICE_MINUTES = 60
const env = process.env
const tier = TIERS.find((known) => known === env['PROOF_TIER']) ?? 'push'
const [replaySuite, replaySeed] = (env['PROOF_REPLAY'] ?? '').split(':')
const minutes = Number.parseFloat(env['PROOF_MINUTES'] ?? (tier === 'push' ? '15' : String(SLICE_MINUTES)))
export const RESULTS =
  env['PROOF_OUT'] ?? fileURLToPath(new URL('../../../../../.cache/proof/results.jsonl', import.meta.url))

/** Defines the suite as one test. `goals` are told per tier; `run` throws on a violation. */
export function proof(
  suite: string,
  goals: Readonly<Record<Tier, number>>,
  run: (run: ProofRun) => Promise<Reached>,
): void {
  const isReplay = replaySuite === suite
  if (replaySuite !== '' && replaySuite !== undefined && !isReplay) return
  test(`${suite}: ${isReplay ? `seed ${replaySeed} again` : `${goals[tier]} without a violation`}`, {
    timeout: (minutes + 10) * 60_000,
  }, async () => {
    const began = performance.now()
    const endsAt = began + minutes * 60_000
    const seed = Number.parseInt(isReplay ? (replaySeed ?? '1') : (env['PROOF_SEED'] ?? '1'), 10)
    const told = { atMs: began }
    const reached = await run({
      tier,
      seed,
      goal: isReplay ? 1 : goals[tier],
      isReplay,
      isOver: () => performance.now() >= endsAt,
      progress(line) {
        if (performance.now() - told.atMs < 10_000) return
        told.atMs = performance.now()
        process.stdout.write(`${suite}: ${line}\n`)
      },
    })
    if (isReplay) return
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const line = {
      suite,
      tier,
      commit: commit(),
      seed,
      seeds: reached.seeds,
      goal: goals[tier],
      ...reached.counts,
      violations: 0,
      seconds,
      at: new Date().toISOString(),
    }
    mkdirSync(dirname(RESULTS), { recursive: true })
    appendFileSync(RESULTS, `${JSON.stringify(line)}\n`)
    process.stdout.write(
      `${suite}: ${JSON.stringify(reached.counts)} from seed ${seed} in ${seconds} s, no violation\n`,
    )
  })
}

/** What the error of a failing seed says: what broke, and how to see it again. */
export function violation(suite: string, seed: number, violations: readonly string[]): Error {
  const again = `npm run proof -- --replay ${suite}:${seed}`
  return new Error(`${suite}, seed ${seed}:\n  ${violations.slice(0, 10).join('\n  ')}\nRun it again with: ${again}`)
}

export function show(trace: readonly string[]): void {
  process.stdout.write(`${trace.join('\n')}\n`)
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    return 'unknown'
  }
}
