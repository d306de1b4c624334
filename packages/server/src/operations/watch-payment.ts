// Tells a payer's page of its payment as it changes, so that the page need not ask. It reads the row every now and
// then: the news may have come to another process, and the row is where all of them write.
import { isAlive } from '../domain/payment/states.ts'
import type { PaymentRecord } from '../domain/payment/record.ts'
import { delay } from '../kernel/clock.ts'
import type { PaymentId } from '../kernel/ids.ts'
import type { Actor, Deps } from './deps.ts'
import { readSessionPayment } from './read-session.ts'

const FIRST_LOOK_MS = 250
const LAST_LOOK_MS = 1_500
/** Longer than any step of a payer; the page opens another one where it still waits. */
const WATCH_FOR_MS = 10 * 60_000
/** Shorter than what proxies take for a dead connection. */
const BEAT_MS = 15_000

/**
 * The payment at once, again after each change, and `beat` where nothing changed for a while. Ends with the outcome,
 * with the signal, or after ten minutes.
 * @throws AppError payment_not_found
 */
export async function* watchPayment(
  deps: Deps,
  actor: Actor,
  paymentId: PaymentId,
  signal: AbortSignal,
): AsyncGenerator<PaymentRecord | 'beat'> {
  const started = deps.clock.monotonicMs()
  let told = started
  let version = 0
  for (let wait = FIRST_LOOK_MS; !signal.aborted; wait = Math.min(LAST_LOOK_MS, wait * 1.2)) {
    const payment = await readSessionPayment(deps, actor, paymentId)
    const now = deps.clock.monotonicMs()
    if (payment.version !== version) {
      version = payment.version
      told = now
      yield payment
      if (!isAlive(payment.status)) return
    } else if (now - told >= BEAT_MS) {
      told = now
      yield 'beat'
    }
    if (now - started >= WATCH_FOR_MS) return
    await delay(wait, signal)
  }
}
