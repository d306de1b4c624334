// What clients of a till want, each with its Idempotency-Key: sent again after every crash and every silence until it
// is answered, and sometimes afterwards, when the same bytes must come back.
import type { Instrument } from '../../domain/payment/method.ts'
import { AppError } from '../../kernel/errors.ts'
import { sha256 } from '../../kernel/hmac.ts'
import type { MandateId, OrderId, PaymentId, RefundId } from '../../kernel/ids.ts'
import { money } from '../../kernel/money.ts'
import { capturePayment } from '../../operations/capture-payment.ts'
import { chargeMandate } from '../../operations/charge-mandate.ts'
import { collectPayment } from '../../operations/collect-payment.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { idempotent } from '../../operations/idempotent.ts'
import type { IdempotentSteps } from '../../operations/idempotent.ts'
import { getPayment, getRefund } from '../../operations/queries.ts'
import { refundPayment } from '../../operations/refund-payment.ts'
import { resolvePayment } from '../../operations/resolve-operation.ts'
import { startPayment } from '../../operations/start-payment.ts'
import { voidPayment } from '../../operations/void-payment.ts'

export type Wish = {
  /** What it is a wish for, to be counted by. */
  readonly kind: string
  readonly name: string
  readonly key: string
  /** The bytes of the first answer; undefined until then. */
  answered: string | undefined
  /** A definite no: nothing more is asked. */
  refused: boolean
  send(deps: Deps, actor: Actor): Promise<string>
}

// Worth another try with the same key.
const AGAIN = new Set(['database_unavailable', 'overloaded', 'idempotency_in_flight', 'gateway_unavailable'])

export function payWish(key: string, orderId: OrderId, instrument: Instrument = CARD): Wish {
  const kind = instrument.method === 'card' ? 'pay' : 'cash on delivery'
  return wish(kind, `pay ${orderId}`, key, (deps, actor) => ({
    act: (idempotency) => startPayment(deps, actor, { orderId, instrument, idempotency }),
    answer: (payment) => ({ status: 201, body: { id: payment.id, status: payment.status } }),
    resume: (id) => getPayment(deps, actor, id as PaymentId),
  }))
}

export function refundWish(key: string, paymentId: PaymentId, minor: bigint): Wish {
  return wish('refund', `refund ${minor} of ${paymentId}`, key, (deps, actor) => ({
    act: (idempotency) => {
      const amount = money(minor, 'INR')
      return refundPayment(deps, actor, { paymentId, amount, reason: 'not_satisfied', idempotency })
    },
    answer: (refund) => ({ status: 201, body: { id: refund.id, status: refund.status } }),
    resume: (id) => getRefund(deps, actor, id as RefundId),
  }))
}

export function followUpWish(
  key: string,
  paymentId: PaymentId,
  how: { readonly kind: 'capture' | 'void'; readonly minor: bigint | undefined; readonly final: boolean },
): Wish {
  return wish(how.kind, `${how.kind} ${how.minor ?? 'all'} of ${paymentId}`, key, (deps, actor) => ({
    act: (idempotency) => {
      if (how.kind === 'void') return voidPayment(deps, actor, { paymentId, idempotency })
      const amount = how.minor === undefined ? {} : { amount: money(how.minor, 'INR') }
      return capturePayment(deps, actor, { paymentId, ...amount, final: how.final, idempotency })
    },
    answer: (payment) => ({ status: 200, body: { id: payment.id, captured: payment.amountCaptured.minor.toString() } }),
    resume: (id) => getPayment(deps, actor, id as PaymentId),
  }))
}

/** Somebody took so much at the door. */
export function collectWish(key: string, paymentId: PaymentId, minor: bigint): Wish {
  return wish('collect', `collect ${minor} of ${paymentId}`, key, (deps, actor) => ({
    act: (idempotency) => {
      const taken = { amount: money(minor, 'INR'), collectedAt: deps.clock.now(), collectedBy: 'Asha' }
      return collectPayment(deps, actor, { paymentId, ...taken, idempotency })
    },
    answer: (payment) => ({ status: 200, body: { id: payment.id, captured: payment.amountCaptured.minor.toString() } }),
    resume: (id) => getPayment(deps, actor, id as PaymentId),
  }))
}

export function chargeWish(key: string, mandateId: MandateId, minor: bigint): Wish {
  return wish('charge a mandate', `charge ${minor} to ${mandateId}`, key, (deps, actor) => ({
    act: (idempotency) =>
      chargeMandate(deps, actor, { mandateId, reference: key, amount: money(minor, 'INR'), idempotency }),
    answer: (payment) => ({ status: 201, body: { id: payment.id, status: payment.status } }),
    resume: (id) => getPayment(deps, actor, id as PaymentId),
  }))
}

/** A person says what stands in the gateway's book. */
export function decideWish(key: string, paymentId: PaymentId, seen: Seen): Wish {
  return wish('decide by a person', `decide ${seen.outcome} of ${paymentId}`, key, (deps, actor) => ({
    act: (idempotency) => {
      const said = { evidence: 'statement 7', reason: 'It stands there.' }
      return resolvePayment(deps, actor, { paymentId, ...seen, ...said, idempotency })
    },
    answer: (payment) => ({ status: 200, body: { id: payment.id, status: payment.status } }),
    resume: (id) => getPayment(deps, actor, id as PaymentId),
  }))
}

type Seen = { readonly outcome: 'captured' | 'authorized' | 'declined'; readonly gatewayPaymentId: string }

const CARD = { method: 'card', token: 'tok_approve' } as const

function wish<T>(
  kind: string,
  name: string,
  key: string,
  steps: (deps: Deps, actor: Actor) => IdempotentSteps<T>,
): Wish {
  const claim = { route: `POST ${name}`, key, fingerprint: sha256(name) }
  return {
    kind,
    name,
    key,
    answered: undefined,
    refused: false,
    send: async (deps, actor) => (await idempotent(deps, actor, claim, steps(deps, actor))).body,
  }
}

/** Sends it once; notes what came back. Throws where something came back that may not. */
export async function sendWish(one: Wish, deps: Deps, actor: Actor): Promise<string> {
  try {
    const body = await one.send(deps, actor)
    if (one.answered !== undefined && one.answered !== body)
      throw new Error(`I17 ${one.name}: ${body}, before ${one.answered}`)
    // A refusal is not kept: what was refused a moment ago may be possible now.
    one.answered = body
    return body
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.status >= 500 && !AGAIN.has(error.code)) throw error
    if (one.answered !== undefined && !AGAIN.has(error.code))
      throw new Error(`I17 ${one.name}: ${error.code} after an answer`, { cause: error })
    // A refused capture or refund may be possible later under the same key: nothing was kept of it. It is let be.
    if (!AGAIN.has(error.code)) one.refused = true
    return error.code
  }
}
