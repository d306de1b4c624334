// The real operations on a real Postgres under a seed: who goes next is drawn at every statement, and at every
// statement a process may die. Commits go unanswered, leases run out under their holders, the gateway loses, delays
// and doubles. When all that has stopped, two judges look: the model's (judge.ts, truth.ts) and the program's own
// (verify/).
import { applyDueNotifications } from '../../jobs/apply-notifications.ts'
import { expireDue } from '../../jobs/expire.ts'
import { syncDueOperations } from '../../jobs/sync-operations.ts'
import { AppError } from '../../kernel/errors.ts'
import type { MandateId } from '../../kernel/ids.ts'
import type { Deps } from '../../operations/deps.ts'
import { receiveNotification } from '../../operations/receive-notification.ts'
import { reconcile } from '../../operations/reconcile.ts'
import { assertNoTransaction } from '../../store/transaction-flag.ts'
import type { WireReply, WireRequest } from '../../connectors/contract/wire.ts'
import { verifyAll } from '../../verify/verify.ts'
import type { TestDatabase } from '../open-database.ts'
import { openCounter } from './counter.ts'
import type { Counter } from './counter.ts'
import { createGatewayModel } from './gateway-model.ts'
import type { Outcome, Snapshot } from './gateway-model.ts'
import { notificationOf, twist } from './gateway-wire.ts'
import { judge } from './judge.ts'
import { readBooks } from './postgres-books.ts'
import { newWishes, openShop } from './shopping.ts'
import { seededChance } from './seeded-chance.ts'
import type { Chance } from './seeded-chance.ts'
import { openTill } from './till.ts'
import type { Till } from './till.ts'
import { compareWithGateway } from './truth.ts'
import { createTurns } from './turns.ts'
import type { Task, Turns } from './turns.ts'
import { takeTurns } from './turn-store.ts'
import { sendWish } from './wishes.ts'
import type { Wish } from './wishes.ts'

export type InterleavedResult = {
  readonly steps: number
  readonly violations: readonly string[]
  readonly trace: readonly string[]
  /** How many of each kind of request were answered, and files imported. */
  readonly did: Readonly<Record<string, number>>
}

const ROUNDS = 6
const QUIET_ROUNDS = 14
const HOUR = 3_600

type Trouble = {
  crash: number
  commitUnknown: number
  requestLost: number
  replyLost: number
  late: number
  notSent: number
  lies: number
  dropped: number
  copies: number
  thief: boolean
  atTheGateway: boolean
}

const CALM: Trouble = {
  crash: 0,
  commitUnknown: 0,
  requestLost: 0,
  replyLost: 0,
  late: 0,
  notSent: 0,
  lies: 0,
  dropped: 0,
  copies: 1,
  thief: false,
  atTheGateway: false,
}

function swarm(chance: Chance): Trouble {
  const sometimes = (most: number) => (chance.happens(0.6) ? most * chance.fraction() : 0)
  return {
    crash: sometimes(0.012),
    commitUnknown: sometimes(0.08),
    requestLost: sometimes(0.3),
    replyLost: sometimes(0.4),
    late: sometimes(0.3),
    notSent: sometimes(0.2),
    lies: sometimes(0.2),
    dropped: sometimes(0.3),
    copies: chance.between(1, 4),
    thief: chance.happens(0.5),
    atTheGateway: chance.happens(0.4),
  }
}

export async function runInterleaved(db: TestDatabase, seed: number): Promise<InterleavedResult> {
  const run = await openRun(db, seededChance(seed))
  const { chance, violations } = run
  try {
    run.mandateId = await openShop(run)
    for (let count = 0; count < ROUNDS && violations.length === 0; count += 1) {
      await round(run, chance.pick([15, 60, 120, HOUR]))
    }
    run.trouble = CALM
    for (let count = 0; count < QUIET_ROUNDS && violations.length === 0; count += 1) {
      await round(run, count < 4 ? 120 : 7 * HOUR)
    }
    if (violations.length === 0) await judgeRun(run)
  } catch (error) {
    violations.push(textOf(error))
  } finally {
    await run.till.close()
  }
  return { steps: run.turns.steps(), violations, trace: run.trace, did: run.did }
}

type Message = { readonly eventId: string; readonly snapshot: Snapshot; acknowledged: boolean }

type Run = {
  readonly chance: Chance
  readonly till: Till
  readonly gateway: Gateway
  readonly counter: Counter
  readonly turns: Turns
  readonly wishes: Wish[]
  readonly outbox: Message[]
  /** Calls that are still on their way to the gateway. */
  readonly arrivals: (() => void)[]
  readonly trace: string[]
  readonly violations: string[]
  readonly did: Record<string, number>
  mandateId: MandateId | undefined
  trouble: Trouble
}

async function openRun(db: TestDatabase, chance: Chance): Promise<Run> {
  const till = await openTill(db, chance)
  const [outbox, trace, violations]: [Message[], string[], string[]] = [[], [], []]
  const gateway = createGatewayModel((snapshot) => {
    const told = snapshot.kind === 'payment' ? snapshot.payment : snapshot.refund
    trace.push(`gateway: ${told.id} ${told.status}`)
    const eventId = `sbn_${till.merchantId.slice(4, 20)}_${outbox.length + 1}`
    outbox.push({ eventId, snapshot, acknowledged: false })
  })
  const turns = createTurns({
    chance,
    countBlocked: () => countBlocked(till),
    crash: () => run.trouble.crash,
    trace: (line) => void trace.push(line),
    onError: (name, error) => {
      const isExpected = error instanceof AppError && (error.status < 500 || EXPECTED.has(error.code))
      if (!isExpected) violations.push(`${name}: ${textOf(error)}`)
    },
  })
  const trouble = swarm(chance)
  const counter = openCounter(gateway, `i${till.merchantId.slice(4, 20)}_`)
  const lists = { wishes: [], outbox, arrivals: [], trace, violations, did: {} }
  const run: Run = { chance, till, gateway, counter, turns, ...lists, mandateId: undefined, trouble }
  return run
}

const EXPECTED: ReadonlySet<string> = new Set(['database_unavailable', 'overloaded'])
const textOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))

/** A task with the operations' surroundings, each statement and each call a turn. */
function spawn(run: Run, name: string, work: (deps: Deps) => Promise<unknown>): void {
  const { till, chance } = run
  run.turns.spawn(name, async (task) => {
    const faults = { commitUnknown: () => run.trouble.commitUnknown, diesAfterCommit: () => run.trouble.crash }
    const store = takeTurns(till.deps.store, task, chance, faults)
    await work({ ...till.deps, store, sendToGateway: (_, request) => send(run, task, request) })
  })
}

async function send(run: Run, task: Task, request: WireRequest): Promise<WireReply> {
  assertNoTransaction()
  const { chance, trouble, counter } = run
  await task.turn(`send ${request.method} ${request.url.slice(request.url.indexOf('/v1/') + 3)}`)
  if (chance.happens(trouble.notSent)) return { kind: 'not_sent', reason: 'connect_refused' }
  if (chance.happens(trouble.requestLost)) return { kind: 'no_reply', reason: 'reset' }
  const outcome = () => chance.pick<Outcome>(['approve', 'approve', 'approve', 'reject', 'action', 'pending'])
  const act = () => counter.act(request, outcome)
  if (request.method === 'POST' && chance.happens(trouble.late)) {
    run.arrivals.push(act)
    return { kind: 'no_reply', reason: 'timeout' }
  }
  const answer = act()
  await task.turn('the answer arrives')
  if (chance.happens(trouble.replyLost)) return { kind: 'no_reply', reason: 'timeout' }
  return chance.happens(trouble.lies) ? twist(answer) : answer
}

/** Each message until it is acknowledged, whoever died over it, and sometimes afterwards. */
function deliver(run: Run): void {
  const { chance, trouble, till, gateway } = run
  for (const message of run.outbox) {
    if (message.acknowledged ? chance.happens(0.95) : chance.happens(trouble.dropped)) continue
    for (let copy = chance.between(1, trouble.copies); copy > 0; copy -= 1) {
      spawn(run, `notification ${message.eventId}`, async (deps) => {
        const raw = notificationOf(gateway, { ...message, secret: till.secret, now: deps.clock.now() })
        const stored = await receiveNotification(deps, { gatewayAccountId: till.accountId, raw })
        message.acknowledged = true
        run.trace.push(`${message.eventId}: ${stored}`)
      })
    }
  }
}

async function round(run: Run, seconds: number): Promise<void> {
  const { chance, till, wishes, gateway, arrivals } = run
  const isCalm = run.trouble === CALM
  await till.endLeases()
  if (!isCalm) wishes.push(...(await newWishes(run)))
  for (const one of wishes) {
    if (one.refused || (one.answered !== undefined && chance.happens(0.9))) continue
    const name = `${one.name} (${one.key})`
    for (let way = isCalm ? 1 : chance.between(1, 2); way > 0; way -= 1) {
      spawn(run, name, async (deps) => {
        const isFirst = one.answered === undefined
        run.trace.push(`${name}: ${await sendWish(one, deps, till.actor)}`)
        if (isFirst && one.answered !== undefined) note(run, one.kind)
      })
    }
  }
  if (isCalm) settleAll(gateway)
  else bank(gateway, chance, run.trouble.atTheGateway)
  deliver(run)
  spawnJobs(run)
  if (chance.happens(isCalm ? 0.05 : 0.2)) spawnReconcilers(run)
  await run.turns.run()
  // What is on its way arrives within the gateway's grace, or never.
  for (const act of arrivals.splice(0)) act()
  await till.advance(seconds)
}

/** The model's judge and the program's own, and nothing at level error that no fault of ours explains. */
async function judgeRun({ till, gateway, violations }: Run): Promise<void> {
  const { owner } = till.db.pools
  const books = await readBooks(owner, till.merchantId)
  violations.push(...judge(books), ...compareWithGateway(books, gateway))
  violations.push(...till.errors.filter((line) => !/database_unavailable|overloaded/.test(line)))
  const client = await owner.connect()
  try {
    const report = await verifyAll(client)
    for (const { merchantId, invariant, object, what } of report.violations) {
      if (merchantId === till.merchantId) violations.push(`verify ${invariant} ${object}: ${what}`)
    }
  } finally {
    client.release()
  }
}

async function countBlocked({ db }: Till): Promise<number> {
  const { rows } = await db.pools.owner.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
  )
  return rows[0]?.count ?? 0
}

/** What was taken so far is paid out, and one or two import the file at once. */
function spawnReconcilers(run: Run): void {
  run.counter.payOut()
  for (let count = run.chance.between(1, 2); count > 0; count -= 1) {
    spawn(run, `reconcile ${count}`, async (deps) => {
      const { status, lines } = await reconcile(deps, run.till.actor, { trigger: 'request' })
      run.trace.push(`reconcile ${count}: ${status}, ${lines} lines`)
      if (lines > 0) note(run, 'settlement file')
    })
  }
}

function note({ did }: Run, kind: string): void {
  did[kind] = (did[kind] ?? 0) + 1
}

function spawnJobs(run: Run): void {
  for (const worker of [1, 2]) {
    spawn(run, `apply-notifications ${worker}`, (deps) => applyDueNotifications(deps, 4))
    spawn(run, `sync-operations ${worker}`, (deps) => syncDueOperations(deps, 3))
  }
  spawn(run, 'expire', (deps) => expireDue(deps, 4))
  if (!run.trouble.thief) return
  // Every lease runs out under its holder: another worker takes over, and the first one must not write.
  run.turns.spawn('time passes', async (task) => {
    await task.turn('leases run out')
    const postgres = task.busy()
    await run.till.endLeases().finally(() => postgres.rests())
  })
  spawn(run, 'sync-operations 3', (deps) => syncDueOperations(deps, 3))
  spawn(run, 'apply-notifications 3', (deps) => applyDueNotifications(deps, 4))
}

type Gateway = ReturnType<typeof createGatewayModel>

function bank(gateway: Gateway, chance: Chance, atTheGateway: boolean): void {
  for (const { id, status, amount, paid } of gateway.payments.values()) {
    if (chance.happens(0.4))
      gateway.settle(id, chance.pick(['approve', 'approve', 'reject', 'cancel', 'lapse'] as const))
    if (status === 'REJECTED' && chance.happens(0.2)) gateway.payAfterAll(id)
    if (atTheGateway && paid > 0n && chance.happens(0.2)) {
      gateway.refund({ paymentId: id, reference: null, amount: BigInt(chance.between(1, Number(amount.minor))) })
    }
  }
  for (const { id } of gateway.refunds.values()) {
    if (chance.happens(0.4))
      gateway.settleRefund(id, chance.pick(['RETURNED', 'RETURNED', 'FAILED', 'ON_REVIEW'] as const))
  }
}

function settleAll(gateway: Gateway): void {
  for (const { id, status } of gateway.payments.values()) {
    if (status === 'ACTION_NEEDED' || status === 'PENDING') gateway.settle(id, 'reject')
  }
  for (const { id } of gateway.refunds.values()) gateway.settleRefund(id, 'RETURNED')
}
