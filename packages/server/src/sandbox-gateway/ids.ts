// The gateway's own ids and tokens. They are made here and not by kernel/ids.ts on purpose: this book shares no noun
// with Purser's. Time comes first, so a page of the book by id is a page by age.
import { hmacSha256, sha256 } from '../kernel/hmac.ts'
import { systemRandomness } from '../kernel/random.ts'

export type IdPrefix = 'sba' | 'sbp' | 'sbs' | 'sbr' | 'sbe' | 'sbf' | 'sbm' | 'sbd' | 'sbt' | 'sbc'

export function newId(prefix: IdPrefix, now: Date): string {
  const time = now.getTime().toString(36).padStart(9, '0')
  const random = BigInt(`0x${systemRandomness.bytes(11).toString('hex')}`)
    .toString(36)
    .padStart(17, '0')
  return `${prefix}_${time}${random.slice(-17)}`
}

/** The secret part of a payer page's address. Derived, so that a repeated call shows the same page again. */
export function pageToken(notificationSecret: string, paymentId: string): string {
  return hmacSha256(notificationSecret, `page:${paymentId}`).toString('hex')
}

/** What a saved instrument is called: the same card of the same customer always the same. */
export function savedInstrumentId(
  notificationSecret: string,
  customer: string,
  { method, instrument }: { readonly method: string; readonly instrument: string },
): string {
  const text = JSON.stringify(['saved', customer, method, instrument])
  return `svi_${hmacSha256(notificationSecret, text).toString('hex').slice(0, 32)}`
}

/** A number such as a bank would print: always the same for the same text, digits only. */
export function bankNumber(text: string, digits: number): string {
  const value = BigInt(`0x${sha256(text).toString('hex')}`)
  return value.toString().slice(-digits).padStart(digits, '0')
}
