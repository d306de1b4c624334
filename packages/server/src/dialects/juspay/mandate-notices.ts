// Pre-debit notices, which this API calls notifications: asked for by a command of the mandate, read by the merchant's
// own reference. What the merchant said in source_info comes back as it came.
import type { Mandate } from '../../domain/mandate/mandate.ts'
import type { PreDebitNotice } from '../../domain/mandate/notice.ts'
import { parseInstant } from '../../kernel/clock.ts'
import { PreDebitNoticeId } from '../../kernel/ids.ts'
import { formatDecimal } from '../../kernel/money.ts'
import { findNotice } from '../../operations/mandate-queries.ts'
import { notifyDebit } from '../../operations/send-notice.ts'
import { defined } from '../contract/defined.ts'
import { amountOf } from './amounts.ts'
import { missingFields } from './errors.ts'
import { fieldsOfJson, textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { epochIn, epochText, notADate, noticeWord } from './mandate-words.ts'
import { below } from './order-fields.ts'
import type { Call, JuspayRoute } from './route.ts'

export function noticeObject(notice: PreDebitNotice) {
  return {
    object: 'notification',
    id: notice.id,
    object_reference_id: notice.reference ?? notice.id,
    status: noticeWord(notice),
    source_object: 'MANDATE',
    source_info: sourceInfo(notice),
    provider_name: 'DUMMY',
    ...outcomeOf(notice),
    notification_type: 'SMS',
    mandate: { mandate_id: notice.mandateId },
    description: notice.description,
    date_created: epochText(notice.createdAt),
    last_updated: epochText(notice.updatedAt),
  }
}

function sourceInfo(notice: PreDebitNotice): unknown {
  const said = notice.metadata['source_info']
  if (said !== undefined) return JSON.parse(said)
  // Noon in London is the same day nearly everywhere.
  const day = parseInstant(`${notice.debitDay}T12:00:00Z`) ?? notice.createdAt
  return { amount: formatDecimal(notice.amount), txn_date: epochText(day) }
}

const TOLD = 'Your notification is successful'
const NOT_TOLD = 'The payer could not be told.'

function outcomeOf(notice: PreDebitNotice): object {
  const status = noticeWord(notice)
  if (status !== 'SUCCESS' && status !== 'FAILURE') return {}
  const isGood = status === 'SUCCESS'
  const code = isGood ? '00' : (notice.failureReason ?? '')
  const message = isGood ? TOLD : NOT_TOLD
  return {
    ...(isGood ? {} : { response_code: code, response_message: message }),
    provider_response: {
      provider_ref_id: notice.gatewayNoticeId,
      provider_response_code: code,
      provider_response_message: message,
    },
  }
}

/** The command pre_debit_notify. Errors as for notifyDebit. */
export async function notify(call: Call, mandate: Mandate): Promise<unknown> {
  const { fields } = call
  const reference = textIn(fields, 'object_reference_id')
  const said = sourceFields(fields)
  const amount = amountOf(said, 'amount', mandate.maxAmount.currency)
  const debitDay = epochIn(said, 'txn_date', () => notADate('source_info.txn_date'))
  if (reference === undefined) throw missingFields('object_reference_id')
  if (amount === undefined) throw missingFields('source_info.amount')
  if (debitDay === undefined) throw missingFields('source_info.txn_date')
  if (!/^[!-~]{1,64}$/.test(reference)) throw notADate('object_reference_id')
  const notice = await notifyDebit(call.deps, call.actor, {
    mandateId: mandate.id,
    reference,
    metadata: { source_info: JSON.stringify(Object.fromEntries([...said].map(([name, { text }]) => [name, text]))) },
    amount,
    debitDay,
    ...defined({ description: textIn(fields, 'description')?.slice(0, 200) }),
  })
  return noticeObject(notice)
}

/** A JSON text, or an object that was flattened along with its request. */
function sourceFields(fields: Fields): Fields {
  const text = textIn(fields, 'source_info')
  return text === undefined ? below(fields, 'source_info.') : fieldsOfJson(text)
}

/** By the merchant's reference, or by our id. */
export function noticeName(text: string): PreDebitNoticeId | { readonly reference: string } {
  return PreDebitNoticeId.is(text) ? text : { reference: text }
}

async function read(call: Call): Promise<unknown> {
  return noticeObject(await findNotice(call.deps, call.actor, noticeName(call.param('object_reference_id'))))
}

export const noticeRoutes: readonly JuspayRoute[] = [
  { method: 'GET', paths: ['/notifications/:object_reference_id'], who: { key: 'read' }, handle: read },
]
