// What the app is told when the payer leaves the page, from what the server said last. A hint: the app's server asks.
import type { Told } from '../sdk/messages.ts'
import type { ResultStatus } from '../sdk/public.ts'
import { isAlive } from './screen.ts'
import type { PaymentView, SessionView } from './wire.ts'

/** `left`: the payer went away by themselves, rather than the page having come to its end. */
export function resultOf(view: SessionView | undefined, left: boolean): Told {
  const [status, errorCode, errorMessage] = outcome(view, left)
  const method = view?.payments[view.payments.length - 1]?.method
  return {
    event: 'process_result',
    error: errorCode !== '',
    errorCode,
    errorMessage,
    payload: {
      action: 'paymentPage',
      status,
      ...(view === undefined ? {} : { orderId: view.order.reference }),
      ...(method === undefined ? {} : { paymentInstrument: method }),
    },
  }
}

type Outcome = readonly [status: ResultStatus, errorCode: string, errorMessage: string]

const NOT_CONFIRMED = new Set(['authentication_failed', 'authentication_timed_out', 'canceled_by_payer'])

function outcome(view: SessionView | undefined, left: boolean): Outcome {
  if (view === undefined) return left ? BACK : ['api_failure', 'JP_001', 'The payment page could not be read.']
  const { order, payments } = view
  if (order.status === 'paid' || order.status === 'authorized') return ['charged', '', '']
  if (order.status === 'awaiting_collection') return ['cod_initiated', '', '']
  const alive = payments.find(isAlive)
  if (alive !== undefined) return ofAlive(alive, left)
  const latest = payments[payments.length - 1]
  if (latest?.status === 'declined') {
    const status = NOT_CONFIRMED.has(latest.decline?.code ?? '') ? 'authentication_failed' : 'authorization_failed'
    return [status, 'JP_000', latest.decline?.message ?? 'The payment was declined.']
  }
  if (latest?.status === 'failed') return ['api_failure', 'JP_001', 'The payment could not be started.']
  return left ? BACK : ['new', 'JP_012', 'Nothing was paid, and this page is over.']
}

const BACK: Outcome = ['backpressed', 'JP_002', 'The payer went back.']

function ofAlive({ status }: PaymentView, left: boolean): Outcome {
  if (status !== 'requires_action') return ['authorizing', 'JP_006', 'The outcome is not known yet. Ask your server.']
  if (left) return ['user_aborted', 'JP_002', 'The payer left while a payment waited for them. Ask your server.']
  return ['pending_vbv', 'JP_006', 'A payment waits for the payer. Ask your server.']
}
