// The test clock: in test mode a merchant's business time can be moved forward, and everything that waits for it
// happens on the way, each at its own time: the clock steps from due item to due item, here and at the gateways that
// are played, and every queue is run until nothing is due before it steps on.
import { delay } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import { insertAudit } from '../store/audit.ts'
import { listActiveGatewayAccounts } from '../store/gateway-accounts.ts'
import { countInHand, moveClock, readClock } from '../store/test-clock.ts'
import type { ClockReport, Exchange } from '../connectors/contract/connector.ts'
import { actorName, QUEUES } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import { openGatewayAccount } from './gateway.ts'
import type { OpenAccount } from './gateway.ts'
import type { Idempotency } from './idempotent.ts'

export type TestClock = {
  /** Business time. */
  readonly now: Date
  readonly offsetMs: number
  readonly nextDueAt: Date | null
}

export type AdvanceCommand = {
  /** Whole, more than 0. Either this or `to`. */
  readonly seconds?: number
  /** Business time, later than it is. */
  readonly to?: Date
  readonly idempotency?: Idempotency
}

export const LONGEST_ADVANCE_MS = 400 * 86_400_000

/** @throws AppError test_mode_only */
export async function readTestClock(deps: Deps, actor: Actor): Promise<TestClock> {
  assertTestMode(actor)
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const { offsetMs, nextDueInMs } = await readClock(tx)
    const nextDueAt = nextDueInMs === null ? null : new Date(tx.now.getTime() + nextDueInMs)
    return { now: tx.now, offsetMs, nextDueAt }
  })
}

/**
 * Returns once everything that came due on the way has been done.
 * @throws AppError test_mode_only, field_invalid, test_clock_stuck (repeat it with the same key: it goes on)
 */
export async function advanceTestClock(deps: Deps, actor: Actor, command: AdvanceCommand): Promise<TestClock> {
  assertTestMode(actor)
  const target = await deps.store.inTransaction(actor.tenant, async (tx) => {
    const { offsetMs } = await readClock(tx)
    const byMs = command.to === undefined ? (command.seconds ?? 0) * 1_000 : command.to.getTime() - tx.now.getTime()
    const field = command.to === undefined ? 'seconds' : 'to'
    if (!Number.isSafeInteger(byMs) || byMs <= 0) throw new AppError('field_invalid', { field, reason: 'is_not_ahead' })
    if (byMs > LONGEST_ADVANCE_MS) throw new AppError('field_invalid', { field, reason: 'is_beyond_400_days' })
    await command.idempotency?.claim(tx, `${OFFSET}${offsetMs + byMs}`)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'test_clock.advanced',
      objectId: tx.tenant.merchantId,
      requestId: actor.requestId,
      details: { by_ms: byMs, offset_ms: offsetMs + byMs },
    })
    return offsetMs + byMs
  })
  return walk(deps, actor, target)
}

// What the key of an advance stands for, so that a repeat after a crash walks on to where the first one wanted to be.
const OFFSET = 'offset_ms:'

/** `subjectId` is what the advance claimed its key with. */
export function resumeAdvance(deps: Deps, actor: Actor, subjectId: string): Promise<TestClock> {
  return walk(deps, actor, Number.parseInt(subjectId.slice(OFFSET.length), 10))
}

// Each due item is a step of its own, up to this many; beyond, what lies close together happens together, so that a
// year with something due every minute can be walked through.
const FINE_STEPS = 500
const LEFT_IN_STEPS = 500

async function walk(deps: Deps, actor: Actor, target: number): Promise<TestClock> {
  const gateways = await openPlayedGateways(deps, actor)
  await finishDue(deps, actor)
  for (let step = 0; ; step += 1) {
    const { offsetMs, nextDueInMs } = await deps.store.inTransaction(actor.tenant, readClock)
    const left = target - offsetMs
    if (left <= 0) break
    const theirs = await Promise.all(gateways.map((gateway) => ask(deps, gateway, gateway.clock.read, null)))
    const next = [nextDueInMs, ...theirs.map((clock) => clock.nextDueInMs)].filter((inMs) => inMs !== null)
    const atLeast = step < FINE_STEPS ? 1 : Math.ceil(left / LEFT_IN_STEPS)
    const to = offsetMs + Math.min(left, Math.max(atLeast, Math.min(...next, left)))
    await deps.store.inTransaction(actor.tenant, (tx) => moveClock(tx, to))
    for (const gateway of gateways) await ask(deps, gateway, gateway.clock.advance, { offsetMs: to })
    await finishDue(deps, actor)
  }
  for (const queue of QUEUES) deps.nudge(queue)
  return readTestClock(deps, actor)
}

type PlayedGateway = OpenAccount & { readonly clock: NonNullable<OpenAccount['connector']['clock']> }

function openPlayedGateways(deps: Deps, actor: Actor): Promise<readonly PlayedGateway[]> {
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    const played: PlayedGateway[] = []
    for (const { id, connector } of await listActiveGatewayAccounts(tx)) {
      const clock = deps.connectors.get(connector)?.clock
      if (clock !== undefined) played.push({ ...(await openGatewayAccount(deps, tx, id)), clock })
    }
    return played
  })
}

// As long as an answer may take that has many things to do first.
const TIMEOUT_MS = 60_000

async function ask<Input>(
  deps: Deps,
  gateway: PlayedGateway,
  exchange: Exchange<Input, unknown, ClockReport>,
  input: Input,
): Promise<ClockReport> {
  const request = exchange.toRequest(input, gateway.credentials)
  const reply = await deps.sendToGateway(gateway.account.id, request, { timeoutMs: TIMEOUT_MS, isPayment: false })
  const result = exchange.fromReply(reply, input)
  if (result.kind === 'report') return result.report
  const internal = 'reason' in result ? result.reason : result.kind
  throw new AppError('test_clock_stuck', { gateway_account_id: gateway.account.id }, { internal })
}

const PATIENCE_MS = 10_000
const LOOK_AGAIN_MS = 5

/** Runs every queue until nothing is due, and waits for what the server's own loops have in hand meanwhile. */
async function finishDue(deps: Deps, actor: Actor): Promise<void> {
  const deadline = deps.clock.monotonicMs() + PATIENCE_MS
  for (;;) {
    const worked = await deps.runDueWork(actor.tenant)
    const inHand = await deps.store.inTransaction(actor.tenant, countInHand)
    if (worked === 0 && inHand === 0) return
    // What failed on our side keeps its lease for a while; the clock does not wait for that.
    if (worked === 0 && deps.clock.monotonicMs() > deadline) return
    if (inHand > 0) await delay(LOOK_AGAIN_MS)
  }
}

function assertTestMode(actor: Actor): void {
  if (actor.tenant.mode !== 'test') throw new AppError('test_mode_only')
}
