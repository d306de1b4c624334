// What is done with a mandate after it was registered: a customer's list, and the commands. Every command is one path
// with a word in its body.
import { isWaitingCharge } from '../../operations/give-up-charge.ts'
import type { Mandate } from '../../domain/mandate/mandate.ts'
import { AppError } from '../../kernel/errors.ts'
import { cancelPayment } from '../../operations/cancel-payment.ts'
import { pauseMandate, resumeMandate, revokeMandate } from '../../operations/change-mandate.ts'
import { getMandateFacts, listCustomerMandates } from '../../operations/mandate-queries.ts'
import type { MandateFacts } from '../../operations/views.ts'
import { findOrderByReference } from '../../operations/queries.ts'
import { defined } from '../contract/defined.ts'
import { customerName } from './customers.ts'
import { refusal } from './errors.ts'
import type { Words } from './errors.ts'
import { textIn } from './fields.ts'
import { notify } from './mandate-notices.ts'
import { changedMandate, mandateItem, mandateObject } from './mandate-object.ts'
import { epochIn, MANDATE_WORDS, mandateName, notADate } from './mandate-words.ts'
import type { Call, JuspayRoute } from './route.ts'
import { txnStatus } from './words.ts'

const badRequest = (message: string): AppError => {
  const words: Words = { http: 400, status: 'Invalid Request', word: 'bad_request', code: 'INVALID_INPUT', message }
  return refusal('request_malformed', words)
}

type Command = (call: Call, facts: MandateFacts) => Promise<unknown>

const COMMANDS: Readonly<Record<string, Command>> = {
  revoke: async (call, { mandate }) => {
    const { id, status } = await revokeMandate(call.deps, call.actor, { mandateId: mandate.id })
    return { mandate_id: id, mandate_status: MANDATE_WORDS[status] }
  },
  pause: async (call, { mandate }) => {
    const startsAt = epochIn(call.fields, 'pause_start_date', notADate)
    const endsAt = epochIn(call.fields, 'pause_end_date', notADate)
    const after = await pauseMandate(call.deps, call.actor, { mandateId: mandate.id, ...defined({ startsAt, endsAt }) })
    return changedMandate(after, changeMessage(after, 'paused'))
  },
  resume: async (call, { mandate }) => {
    const at = epochIn(call.fields, 'resume_date', notADate)
    const after = await resumeMandate(call.deps, call.actor, { mandateId: mandate.id, ...defined({ at }) })
    return changedMandate(after, changeMessage(after, 'active'))
  },
  check_status: async (_, facts) => mandateObject(facts),
  pre_debit_notify: (call, { mandate }) => notify(call, mandate),
  cancel_recurring_transaction: cancelRecurring,
}

// Done, planned for later, or asked of the bank and not confirmed: only the first is in the wire's words.
function changeMessage({ pauseFrom, resumeAt, status }: Mandate, wanted: 'paused' | 'active'): string {
  const word = wanted === 'paused' ? 'Paused' : 'Resumed'
  if (status === wanted) return `Mandate is ${word}.`
  const isPlanned = wanted === 'paused' ? pauseFrom !== null : resumeAt !== null
  return isPlanned ? `Mandate will be ${word}.` : `Mandate is being ${word}.`
}

async function command(call: Call): Promise<unknown> {
  const word = textIn(call.fields, 'command') ?? ''
  const known = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (known === undefined) throw badRequest('Invalid command')
  return known(call, await getMandateFacts(call.deps, call.actor, mandateName(call.param('mandate_id'))))
}

const NONE_SCHEDULED = 'No scheduled recurring transactions are found.'
const NONE_ACTIVE = 'No active recurring transactions are scheduled.'

async function cancelRecurring(call: Call, { mandate }: MandateFacts): Promise<unknown> {
  const { actor, deps, fields } = call
  const reference = textIn(fields, 'order_id')
  if (reference === undefined) throw badRequest('Please send order_id')
  const view = await findOrderByReference(deps, actor, reference).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'order_not_found') return undefined
    throw error
  })
  const charge = view?.payments.findLast((one) => one.mandateRole === 'charge' && one.mandateId === mandate.id)
  if (charge === undefined) throw notCanceled(call, NONE_SCHEDULED)
  if (!isWaitingCharge(charge)) throw notCanceled(call, NONE_ACTIVE)
  const after = await cancelPayment(deps, actor, { paymentId: charge.id }).catch((error: unknown) => {
    // It started in this moment.
    if (error instanceof AppError && error.code === 'payment_state_conflict') throw notCanceled(call, NONE_ACTIVE)
    throw error
  })
  return {
    order_id: view?.order.reference,
    txn_uuid: after.id,
    txn_status: txnStatus(after),
    response_message: 'Transaction successfully terminated at Juspay end.',
  }
}

/** The one error of this API that comes in another envelope (wire juspay 0.6). */
function notCanceled({ deps }: Call, message: string): AppError {
  const session_id = `NOREQID-${deps.randomness.bytes(16).toString('hex')}`
  const body = {
    session_id,
    user_message: 'Cancel action not allowed.',
    code: 'INVALID_REQUEST',
    type: 'INVALID_REQUEST_ERROR',
    message,
  }
  return refusal('payment_state_conflict', { http: 400, word: 'INVALID_REQUEST', code: 'INVALID_ACTION', body })
}

const COUNT_MAX = 100

async function list(call: Call): Promise<unknown> {
  const limit = wholeIn(call, 'count', COUNT_MAX)
  const offset = wholeIn(call, 'offset', 0)
  const customer = customerName(call.param('customer_id'))
  const page = { limit: Math.min(limit, COUNT_MAX), offset }
  const { total, items } = await listCustomerMandates(call.deps, call.actor, customer, page)
  return { object: 'list', total, count: items.length, offset, list: items.map(mandateItem) }
}

function wholeIn({ fields }: Call, name: string, otherwise: number): number {
  const text = textIn(fields, name)
  if (text === undefined) return otherwise
  if (!/^\d{1,6}$/.test(text)) throw new AppError('field_invalid', { field: name, reason: 'Invalid value.' })
  return Number.parseInt(text, 10)
}

export const mandateRoutes: readonly JuspayRoute[] = [
  { method: 'POST', paths: ['/mandates/:mandate_id'], who: { key: 'payments' }, handle: command },
  { method: 'GET', paths: ['/customers/:customer_id/mandates'], who: { key: 'read' }, handle: list },
]
