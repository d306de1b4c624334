// Our words for mandates in this API's, and its dates: seconds since 1970, as text. Complete tables: a new status or
// frequency of ours does not compile until it has a word here.
import type { Frequency, Mandate } from '../../domain/mandate/mandate.ts'
import type { PreDebitNotice } from '../../domain/mandate/notice.ts'
import type { MandateStatus } from '../../domain/mandate/states.ts'
import { parseEpoch } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import { MandateId } from '../../kernel/ids.ts'
import type { MandateName } from '../../operations/mandate-queries.ts'
import { textIn } from './fields.ts'
import type { Fields } from './fields.ts'

export const MANDATE_WORDS: Record<MandateStatus, string> = {
  created: 'CREATED',
  active: 'ACTIVE',
  paused: 'PAUSED',
  revoked: 'REVOKED',
  expired: 'EXPIRED',
  failed: 'FAILURE',
}

export const FREQUENCY_WORDS: Record<Frequency, string> = {
  one_time: 'ONETIME',
  daily: 'DAILY',
  weekly: 'WEEKLY',
  fortnightly: 'FORTNIGHTLY',
  monthly: 'MONTHLY',
  bimonthly: 'BIMONTHLY',
  quarterly: 'QUARTERLY',
  half_yearly: 'HALFYEARLY',
  yearly: 'YEARLY',
  as_presented: 'ASPRESENTED',
}

/** Cards register a MANDATE, everything else an EMANDATE. */
export function isEmandate({ method }: Pick<Mandate, 'method'>): boolean {
  return method !== 'card'
}

/** One that waits for its hour is CREATED; one that was sent and not answered is PENDING. */
export function noticeWord({ status, asked }: PreDebitNotice): 'CREATED' | 'PENDING' | 'SUCCESS' | 'FAILURE' {
  if (status === 'succeeded') return 'SUCCESS'
  if (status === 'failed') return 'FAILURE'
  return asked === 0 ? 'CREATED' : 'PENDING'
}

export function epochText(date: Date): string {
  return String(Math.floor(date.getTime() / 1_000))
}

/** Seconds; milliseconds too, which signed payloads carry. `refuse` makes the error for what is no date. */
export function epochIn(fields: Fields, name: string, refuse: (name: string) => AppError): Date | undefined {
  const text = textIn(fields, name)
  if (text === undefined) return undefined
  const date = parseEpoch(text)
  if (date === undefined) throw refuse(name)
  return date
}

export function notADate(field: string): AppError {
  return new AppError('field_invalid', { field, reason: 'Invalid value.' })
}

/** By its id, its token or its debit token. @throws AppError mandate_not_found for what can be none of them */
export function mandateName(text: string): MandateName {
  if (MandateId.is(text)) return { id: text }
  const token = /^(?:tkn_)?([0-9a-f]{32})$/.exec(text)?.[1]
  if (token === undefined) throw new AppError('mandate_not_found')
  return { token }
}
