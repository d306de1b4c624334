// Shuffled notifications through the real entry and the real worker into Postgres: many payments at once, each with a
// life of its own at the gateway, every message up to five times and in any order. At the end both books are the same.
import { applyDueNotifications } from '../../jobs/apply-notifications.ts'
import { syncDueOperations } from '../../jobs/sync-operations.ts'
import { money } from '../../kernel/money.ts'
import { createOrder } from '../../operations/create-order.ts'
import { receiveNotification } from '../../operations/receive-notification.ts'
import { startPayment } from '../../operations/start-payment.ts'
import type { TestDatabase } from '../open-database.ts'
import type { GatewayModel, Snapshot } from './gateway-model.ts'
import { actOn, notificationOf } from './gateway-wire.ts'
import { judge } from './judge.ts'
import { readBooks } from './postgres-books.ts'
import { seededChance } from './seeded-chance.ts'
import type { Chance } from './seeded-chance.ts'
import { jumble, liveAtTheGateway } from './stream.ts'
import { openTill } from './till.ts'
import type { Till } from './till.ts'
import { compareWithGateway } from './truth.ts'

const LANES = 8
const DAY = 86_400
const CARD = { method: 'card', token: 'tok_approve' } as const

type Stream = { readonly gateway: GatewayModel; readonly messages: readonly Message[] }
type Message = { readonly gateway: GatewayModel; readonly eventId: string; readonly snapshot: Snapshot }

/** `count` streams at once; every violation, and how many messages were delivered. */
export async function runPostgresStreams(db: TestDatabase, seed: number, count: number) {
  const chance = seededChance(seed)
  const gateways = new Map<string, GatewayModel>()
  let isSilent = true
  const till = await openTill(db, chance, async (_, request) => {
    const found = [...gateways].find(([name]) => request.url.includes(name))
    if (isSilent || found === undefined) return { kind: 'no_reply', reason: 'timeout' }
    return actOn(found[1], request, () => 'approve')
  })
  try {
    const streams: Stream[] = []
    for (let number = 1; number <= count; number += 1) streams.push(await begin(till, chance, number, gateways))
    const messages = chance.shuffle(streams.flatMap((stream) => stream.messages))
    await inLanes(messages, async ({ gateway, ...message }) => {
      const raw = notificationOf(gateway, { ...message, secret: till.secret, now: till.deps.clock.now() })
      await receiveNotification(till.deps, { gatewayAccountId: till.accountId, raw })
      if (chance.happens(0.2)) await applyDueNotifications(till.deps, 20)
    })
    isSilent = false
    await letSettle(till)
    return { deliveries: messages.length, violations: await judgeAll(till, streams) }
  } finally {
    await till.close()
  }
}

async function begin(till: Till, chance: Chance, number: number, gateways: Map<string, GatewayModel>): Promise<Stream> {
  const capture = chance.happens(0.5) ? 'automatic' : 'manual'
  const amount = money(BigInt(chance.between(1, 50) * 100), 'INR')
  const order = await createOrder(till.deps, till.actor, { reference: `stream-${number}`, amount, capture })
  const payment = await startPayment(till.deps, till.actor, { orderId: order.id, instrument: CARD })
  const prefix = `s${number}_`
  const { reference } = payment
  const { gateway, told } = liveAtTheGateway(chance, { reference, amount: amount.minor, capture }, prefix)
  gateways.set(reference, gateway)
  gateways.set(`/${prefix}g`, gateway)
  const messages = jumble(chance, told).map(([at, snapshot]) => {
    return { gateway, snapshot, eventId: `sbn_${till.merchantId.slice(4, 20)}_${number}_${at}` }
  })
  return { gateway, messages }
}

async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** What is parked is tried again for a day and more; what is open is asked about. */
async function letSettle(till: Till): Promise<void> {
  for (let days = 0; days < 4; days += 1) {
    for (let worked = 1; worked > 0; ) {
      worked = await applyDueNotifications(till.deps, 100)
      worked += await syncDueOperations(till.deps, 50)
    }
    await till.advance(DAY)
  }
}

async function judgeAll(till: Till, streams: readonly Stream[]): Promise<string[]> {
  const books = await readBooks(till.db.pools.owner, till.merchantId)
  const payments = new Map(streams.flatMap(({ gateway }) => [...gateway.payments]))
  const refunds = new Map(streams.flatMap(({ gateway }) => [...gateway.refunds]))
  const waiting = new Set([...payments.values()].flatMap((it) => (OPEN.has(it.status) ? [it.reference] : [])))
  const openCalls = books.openCalls.filter((call) => !waiting.has(call.paymentId))
  const truth = { payments, refunds, refusedRefunds: new Set<string>() }
  return [...judge(books), ...compareWithGateway({ ...books, openCalls }, truth), ...till.errors]
}

// The payer has not decided: of these nothing is over.
const OPEN: ReadonlySet<string> = new Set(['ACTION_NEEDED', 'PENDING'])
