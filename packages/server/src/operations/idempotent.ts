// Same key, one effect. The key is inserted in the transaction that makes the effect, so neither exists without the
// other; the answer is stored afterwards and given again byte by byte. A holder that died is succeeded after its lease
// by a retry that reads what the first one made, and never makes it again; one that only stood still finds its lease
// number outgrown and writes nothing. A 5xx is never stored as the truth.
import { AppError } from '../kernel/errors.ts'
import type { ErrorCode } from '../kernel/errors.ts'
import type { Tx } from '../store/db.ts'
import {
  answerIdempotencyKey,
  findIdempotencyKey,
  FIRST_LEASE,
  insertIdempotencyKey,
  releaseIdempotencyKey,
  renewIdempotencyLease,
} from '../store/idempotency-keys.ts'
import type { Actor, Deps } from './deps.ts'

export type Claim = {
  readonly route: string
  readonly key: string
  readonly fingerprint: Buffer
  /** The answer holds a token or a secret that is shown once: it is kept sealed until the key is forgotten. */
  readonly isSecret?: boolean
}

/** Given to an operation, which calls `claim` inside its first transaction, before it writes anything. */
export type Idempotency = {
  /** @throws when the key is taken; the transaction must roll back. */
  claim(tx: Tx, subjectId: string): Promise<void>
  /** For an operation of one transaction: keeps the answer in it, which saves a commit. `result` is what it returns. */
  settle(tx: Tx, result: unknown): Promise<void>
}

export type Answer = { readonly status: number; readonly body: string; readonly replayed: boolean }

export type IdempotentSteps<T> = {
  act(idempotency: Idempotency): Promise<T>
  answer(result: T): { readonly status: number; readonly body: unknown }
  resume(subjectId: string): Promise<T>
}

// Longer than the longest chain of gateway deadlines in one request.
const LEASE_SECONDS = 60

// Refusals that come after the key was claimed: the same request may be sent again under it.
const NOTHING_HAPPENED: ReadonlySet<ErrorCode> = new Set(['gateway_unavailable', 'outcome_known'])

class KeyTaken extends Error {}

/** @throws AppError idempotency_in_flight, idempotency_key_reused, and whatever `act` throws. */
export async function idempotent<T>(
  deps: Deps,
  actor: Actor,
  claim: Claim,
  steps: IdempotentSteps<T>,
): Promise<Answer> {
  for (;;) {
    // Most keys are new, so it acts first and looks for an earlier request only when the key turns out to be taken.
    const attempt = startAttempt(deps, claim, steps)
    try {
      const result = await steps.act(attempt.idempotency)
      if (attempt.settled !== undefined) return attempt.settled
      const answer = steps.answer(result)
      const stored = await store(deps, actor, claim, FIRST_LEASE, answer)
      if (stored.kept || !attempt.claimed) return { ...stored.answer, replayed: false }
      // It took longer than its lease, and a retry took over: what that one answers is the answer of the key.
      return (await answerOfEarlier(deps, actor, claim, steps)) ?? { ...stored.answer, replayed: false }
    } catch (error) {
      if (!(error instanceof KeyTaken)) {
        const nothingHappened = error instanceof AppError && NOTHING_HAPPENED.has(error.code)
        if (attempt.claimed && nothingHappened) await release(deps, actor, claim)
        throw error
      }
    }
    const earlier = await answerOfEarlier(deps, actor, claim, steps)
    if (earlier !== undefined) return earlier
  }
}

type Attempt = { readonly idempotency: Idempotency; readonly claimed: boolean; readonly settled: Answer | undefined }

function startAttempt<T>(deps: Deps, claim: Claim, steps: IdempotentSteps<T>): Attempt {
  const attempt = {
    claimed: false,
    settled: undefined as Answer | undefined,
    idempotency: {
      claim: async (tx: Tx, subjectId: string) => {
        const inserted = await insertIdempotencyKey(tx, { ...claim, subjectId, leaseSeconds: LEASE_SECONDS })
        if (!inserted) throw new KeyTaken()
        attempt.claimed = true
        // A transaction that is run again forgets what the first run had settled.
        attempt.settled = undefined
      },
      settle: async (tx: Tx, result: unknown) => {
        const { kept, answer } = await write(deps, tx, claim, FIRST_LEASE, steps.answer(result as T))
        // Only while the key is ours: whoever took it over answers for it.
        attempt.settled = kept ? answer : undefined
      },
    },
  }
  return attempt
}

async function answerOfEarlier<T>(
  deps: Deps,
  actor: Actor,
  claim: Claim,
  steps: IdempotentSteps<T>,
): Promise<Answer | undefined> {
  const row = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const found = await findIdempotencyKey(tx, claim.route, claim.key)
    if (found === undefined || found.answer === null || !found.answer.body.startsWith(SEALED)) return found
    const bytes = Buffer.from(found.answer.body.slice(SEALED.length), 'base64')
    return { ...found, answer: { ...found.answer, body: await deps.vault.open(tx, SEALED_FIELD, bytes) } }
  })
  if (row === undefined) return undefined
  if (!row.fingerprint.equals(claim.fingerprint)) throw new AppError('idempotency_key_reused')
  if (row.answer !== null) return { ...row.answer, replayed: true }
  if (row.leased) throw new AppError('idempotency_in_flight', { retry_after_seconds: 1 })
  const leaseNumber = await deps.store.inTransaction(actor.tenant, (tx) =>
    renewIdempotencyLease(tx, claim.route, claim.key, LEASE_SECONDS),
  )
  if (leaseNumber === undefined) throw new AppError('idempotency_in_flight', { retry_after_seconds: 1 })
  const result = await steps.resume(row.subjectId)
  const { kept, answer } = await store(deps, actor, claim, leaseNumber, steps.answer(result))
  if (!kept) throw new AppError('idempotency_in_flight', { retry_after_seconds: 1 })
  return { ...answer, replayed: true }
}

/** `kept`: the key was still held under this number, so this is its answer from now on. */
type Stored = { readonly kept: boolean; readonly answer: Answer }

function store(
  deps: Deps,
  actor: Actor,
  claim: Claim,
  leaseNumber: number,
  answer: { status: number; body: unknown },
): Promise<Stored> {
  return deps.store.inTransaction(actor.tenant, (tx) => write(deps, tx, claim, leaseNumber, answer))
}

async function write(
  deps: Deps,
  tx: Tx,
  claim: Claim,
  leaseNumber: number,
  answer: { status: number; body: unknown },
): Promise<Stored> {
  const body = JSON.stringify(answer.body)
  const written = claim.isSecret === true ? await sealed(deps, tx, body) : body
  const kept = await answerIdempotencyKey(tx, { ...claim, leaseNumber }, { status: answer.status, body: written })
  return { kept, answer: { status: answer.status, body, replayed: false } }
}

// No answer of ours begins so: they are JSON.
const SEALED = 'sealed:'
const SEALED_FIELD = 'idempotency_answer'

async function sealed(deps: Deps, tx: Tx, body: string): Promise<string> {
  return SEALED + (await deps.vault.seal(tx, SEALED_FIELD, body)).toString('base64')
}

async function release(deps: Deps, actor: Actor, claim: Claim): Promise<void> {
  await deps.store.inTransaction(actor.tenant, (tx) =>
    releaseIdempotencyKey(tx, { ...claim, leaseNumber: FIRST_LEASE }),
  )
}
