// What lies between Purser and a gateway in a simulated run: calls that get lost on the way there or back, a process
// that dies between two steps, notifications that are lost, late, doubled and out of order, and a gateway that tells
// wrong things. What arrives is handed on; what it means is decided by the domain.
import type { PaymentAnswer, RefundAnswer } from '../../domain/operation/answer.ts'
import type { Currency } from '../../kernel/money.ts'
import type { EventQueue } from './event-queue.ts'
import type { Faults } from './faults.ts'
import { createGatewayModel } from './gateway-model.ts'
import type { GatewayPayment, GatewayRefund, Refusal, Snapshot } from './gateway-model.ts'
import { lieAbout, paymentReport, refundReport } from './gateway-words.ts'
import type { Chance } from './seeded-chance.ts'

const TIMEOUT_MS = 15_000
const SLOW_MS = 50_000
const STALE_MS = 30_000
const HOUR_MS = 3_600_000
const LATEST_NOTIFICATION_MS = 72 * HOUR_MS

export type Network = ReturnType<typeof createNetwork>

export type Context = {
  readonly chance: Chance
  readonly queue: EventQueue
  /** Those of now: healing switches them off. */
  readonly faults: () => Faults
  readonly trace: (line: string) => void
}

type Told = { readonly atMs: number; readonly snapshot: Snapshot }

/** `hear` gets each notification once per delivery; `eventId` is the same for copies of one. */
export function createNetwork(context: Context, hear: (eventId: string, snapshot: Snapshot) => void) {
  const { chance, queue, faults, trace } = context
  const told = new Map<string, Told[]>()
  let events = 0
  let heedRefund: (snapshot: Extract<Snapshot, { kind: 'refund' }>) => void = () => {}
  const gateway = createGatewayModel((snapshot) => {
    const names =
      snapshot.kind === 'payment' ? [snapshot.payment.id, snapshot.payment.reference] : namesOf(snapshot.refund)
    for (const name of names) told.set(name, [...(told.get(name) ?? []), { atMs: queue.nowMs(), snapshot }])
    trace(`gateway: ${snapshot.kind} ${names.join(' ')} ${statusOf(snapshot)}`)
    notify(snapshot)
    if (snapshot.kind === 'refund') heedRefund(snapshot)
  })

  function notify(snapshot: Snapshot): void {
    events += 1
    const eventId = `evt_${events}`
    const copies = chance.between(1, faults().copies)
    for (let copy = 0; copy < copies; copy += 1) {
      const late = faults().delayed && chance.happens(0.5)
      queue.plan(chance.whole(late ? LATEST_NOTIFICATION_MS : 2_000), `notification ${eventId}`, () =>
        deliver(eventId, snapshot),
      )
    }
  }

  function deliver(eventId: string, snapshot: Snapshot): void {
    if (!chance.happens(faults().notificationDropped)) return hear(eventId, snapshot)
    trace(`notification ${eventId} is lost; the gateway tries again`)
    queue.plan(HOUR_MS, `notification ${eventId} again`, () => deliver(eventId, snapshot))
  }

  /** One call: `act` is the gateway's side, `record` ours. At most one answer is recorded, maybe none. */
  function call<Answer>(what: string, act: () => Answer, record: (answer: Answer | Lost) => void): void {
    const trouble = faults()
    const dies = chance.happens(trouble.crash)
    if (dies && chance.happens(0.5)) return trace(`${what}: the process dies before it is sent`)
    if (!dies && chance.happens(trouble.notSent)) return record({ lost: 'not_sent' })
    const arrives = !chance.happens(trouble.requestLost)
    const travelMs = chance.whole(chance.happens(trouble.slowRequest) ? SLOW_MS : 400)
    const answered = arrives && travelMs < TIMEOUT_MS && !chance.happens(trouble.replyLost)
    trace(`${what}: ${dies ? 'the process dies' : answered ? 'answered' : 'no answer'}, arrives: ${arrives}`)
    if (!dies && !answered) queue.plan(TIMEOUT_MS, `${what}: time-out`, () => record({ lost: 'no_reply' }))
    if (!arrives) return
    queue.plan(travelMs, `${what}: arrives`, () => {
      const answer = act()
      if (!dies && answered) queue.plan(chance.whole(400), `${what}: answer`, () => record(answer))
    })
  }

  /** What a question about this name is answered: a copy that may be old, or nothing at all. */
  function ask(name: string): Snapshot | 'absent' | 'no_answer' {
    if (chance.happens(faults().queryFails)) return 'no_answer'
    const asOf = queue.nowMs() - (chance.happens(faults().staleRead) ? chance.whole(STALE_MS) : 0)
    return (told.get(name) ?? []).findLast(({ atMs }) => atMs <= asOf)?.snapshot ?? 'absent'
  }

  return {
    gateway,
    call,
    ask,
    ...readers(context),
    /** The bank behind the gateway: told of every refund as it stands. */
    onRefund: (heed: typeof heedRefund) => void (heedRefund = heed),
  }
}

type Unheard = Refusal | Lost | 'absent' | 'no_answer'

/** What our connector would make of an answer. A liar tells a wrong sum. */
function readers({ chance, faults }: Context) {
  function unheard(answer: Unheard) {
    if (answer === 'absent') return { kind: 'absent' } as const
    if (answer === 'no_answer') return { kind: 'unknown', reason: 'no_reply' } as const
    if ('refused' in answer) return { kind: 'failed', reason: answer.refused } as const
    return { kind: answer.lost === 'not_sent' ? 'failed' : 'unknown', reason: answer.lost } as const
  }
  return {
    paymentNews(answer: GatewayPayment | Unheard): PaymentAnswer {
      if (typeof answer === 'string' || !('id' in answer)) return unheard(answer)
      const report = paymentReport(answer)
      return { kind: 'report', report: chance.happens(faults().lies) ? lieAbout(report, chance) : report }
    },
    refundNews(answer: GatewayRefund | Unheard, currency: Currency): RefundAnswer {
      if (typeof answer === 'string' || !('id' in answer)) return unheard(answer)
      const report = refundReport(answer, currency)
      if (!chance.happens(faults().lies)) return { kind: 'report', report }
      return { kind: 'report', report: { ...report, amount: { ...report.amount, minor: report.amount.minor + 1n } } }
    },
  }
}

export type Lost = { readonly lost: 'not_sent' | 'no_reply' }

const namesOf = (refund: GatewayRefund) => (refund.reference === null ? [refund.id] : [refund.id, refund.reference])
const statusOf = (snapshot: Snapshot) =>
  snapshot.kind === 'payment' ? snapshot.payment.status : snapshot.refund.status
