// What the drills stand on: a till with a gateway behind it, workers whose answers can be held back, and the judges. A
// drill is one story told in order, so that it ends the same way every time; what a seed may never draw is played here.
import type { WireReply, WireRequest } from '../../../connectors/contract/wire.ts'
import { applyDueNotifications } from '../../../jobs/apply-notifications.ts'
import { syncDueOperations } from '../../../jobs/sync-operations.ts'
import { AppError } from '../../../kernel/errors.ts'
import type { OrderId } from '../../../kernel/ids.ts'
import { money } from '../../../kernel/money.ts'
import { createOrder } from '../../../operations/create-order.ts'
import type { Deps } from '../../../operations/deps.ts'
import { receiveNotification } from '../../../operations/receive-notification.ts'
import { startPayment } from '../../../operations/start-payment.ts'
import type { TestDatabase } from '../../open-database.ts'
import { createGatewayModel } from '../gateway-model.ts'
import type { GatewayModel, Outcome, Snapshot } from '../gateway-model.ts'
import { actOn, notificationOf } from '../gateway-wire.ts'
import { judge } from '../judge.ts'
import { readBooks } from '../postgres-books.ts'
import { seededChance } from '../seeded-chance.ts'
import { openTill } from '../till.ts'
import type { Till } from '../till.ts'
import { compareWithGateway } from '../truth.ts'

/** A story. It throws, or says what went wrong. */
export type Drill = { readonly name: string; play(stage: Stage): Promise<void> }

export type Send = (request: WireRequest) => Promise<WireReply>

export type Stage = {
  readonly till: Till
  readonly gateway: GatewayModel
  readonly violations: string[]
  /** What the payer's bank says to the next payment. */
  outcome: Outcome
  /** How requests fare; `act` is what happens when nothing goes wrong. */
  wire: (request: WireRequest, act: () => WireReply) => Promise<WireReply> | WireReply
  /** Surroundings of a worker of its own, whose wire is not everybody's. */
  worker(send: Send): Deps
  act(request: WireRequest): WireReply
  order(capture: 'automatic' | 'manual'): Promise<OrderId>
  pay(orderId: OrderId): Promise<string>
  /** Everything that the gateway has told so far is delivered, once. */
  hear(): Promise<void>
  /** Stored, not yet applied. */
  receive(): Promise<void>
  rows<Row extends object>(sql: string, ...values: readonly unknown[]): Promise<Row[]>
  expect(holds: boolean, what: string): void
}

export const LOST: WireReply = { kind: 'no_reply', reason: 'timeout' }
const CARD = { method: 'card', token: 'tok_approve' } as const
const AMOUNT = 1_000n

/**
 * Plays one drill; what it found wrong, and what the judges say of the books afterwards. Where the machine was too busy
 * for it, so that a lock was given up, it is played again.
 */
export async function playDrill(db: TestDatabase, drill: Drill, seed = 1): Promise<readonly string[]> {
  for (let tries = 1; ; tries += 1) {
    const { violations, isTooBusy } = await playOnce(db, drill, seed + (tries - 1) * 1_000)
    if (!isTooBusy || tries === MOST_TRIES) return violations
  }
}

const MOST_TRIES = 5

async function playOnce(db: TestDatabase, drill: Drill, seed: number) {
  const stage = await openStage(db, drill.name, seed)
  let isTooBusy = false
  try {
    await drill.play(stage)
    const books = await readBooks(db.pools.owner, stage.till.merchantId)
    // These gateways are later than any grace: who was certain may have been wrong, and says so.
    const known = { ...books, toldWrong: new Set<string>() }
    stage.violations.push(...judge(known), ...compareWithGateway(known, stage.gateway), ...stage.till.errors)
    isTooBusy = stage.till.errors.some((line) => line.includes('overloaded'))
  } catch (error) {
    isTooBusy = error instanceof AppError && error.code === 'overloaded'
    stage.violations.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  } finally {
    await stage.till.close()
  }
  return { violations: stage.violations, isTooBusy }
}

async function openStage(db: TestDatabase, name: string, seed: number): Promise<Stage> {
  const outbox: { readonly eventId: string; readonly snapshot: Snapshot }[] = []
  const prefix = `${name.replace(/[^a-z]/g, '').slice(0, 12)}${seed}_`
  let told = 0
  const gateway = createGatewayModel((snapshot) => {
    told += 1
    outbox.push({ eventId: `sbn_${prefix}${told}`, snapshot })
  }, prefix)
  const act = (request: WireRequest) => actOn(gateway, request, () => stage.outcome)
  const till = await openTill(db, seededChance(seed), async (_, request) => stage.wire(request, () => act(request)))
  const { owner } = db.pools
  const receive = async () => {
    for (const message of outbox.splice(0)) {
      const raw = notificationOf(gateway, { ...message, secret: till.secret, now: till.deps.clock.now() })
      await receiveNotification(till.deps, { gatewayAccountId: till.accountId, raw })
    }
  }
  let orders = 0
  const stage: Stage = {
    till,
    gateway,
    violations: [],
    outcome: 'approve',
    wire: (_, go) => go(),
    worker: (send) => ({ ...till.deps, sendToGateway: (_, request) => send(request) }),
    act,
    order: async (capture) => {
      orders += 1
      const amount = money(AMOUNT, 'INR')
      return (await createOrder(till.deps, till.actor, { reference: `drill-${orders}`, amount, capture })).id
    },
    pay: async (orderId) => (await startPayment(till.deps, till.actor, { orderId, instrument: CARD })).id,
    hear: async () => {
      await receive()
      for (let worked = 1; worked > 0; ) worked = await applyDueNotifications(till.deps, 10)
    },
    receive,
    rows: async <Row extends object>(sql: string, ...values: readonly unknown[]) =>
      (await owner.query<Row>(sql, [...values])).rows,
    expect: (holds, what) => {
      if (!holds) stage.violations.push(what)
    },
  }
  return stage
}

/** Business time passes, and whatever comes due of calls is asked about. */
export async function letPass(stage: Stage, seconds: number): Promise<void> {
  await stage.till.advance(seconds)
  for (let worked = 1; worked > 0; ) worked = await syncDueOperations(stage.till.deps, 10)
}

/** A point where somebody is made to wait: who gets there says so, and goes on once it is let. */
export type Gate = { readonly reached: Promise<void>; pass(): Promise<void>; open(): void }

export function gate(): Gate {
  let arrive: () => void = () => {}
  let open: () => void = () => {}
  const reached = new Promise<void>((resolve) => (arrive = resolve))
  const opened = new Promise<void>((resolve) => (open = resolve))
  return {
    reached,
    pass: () => {
      arrive()
      return opened
    },
    open: () => open(),
  }
}

/** Until `work` has come to the gate. @throws when it ended without coming there: then the drill drills nothing. */
export async function until(reached: Promise<void>, work: Promise<unknown>): Promise<void> {
  const ended = work.then(() => {
    throw new Error('It ended without coming to the point that the drill is about.')
  })
  await Promise.race([reached, ended])
  ended.catch(() => {})
}
