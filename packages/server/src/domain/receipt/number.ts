// Receipt numbers: one series per kind and financial year, counted without gaps by store/receipts.ts. Indian tax law
// allows 16 characters of letters, digits, `-` and `/`; the table repeats that as a constraint.
import { invariant } from '../../kernel/errors.ts'
import type { ReceiptKind } from './receipt.ts'

const LETTER: Record<ReceiptKind, string> = { receipt: 'R', refund_voucher: 'V' }
const LONGEST = 16

/**
 * `R/26-27/000001`; the count grows to eight digits before the number would be too long.
 * @param year as `financialYear` says it
 */
export function receiptNumber(kind: ReceiptKind, year: string, count: bigint): string {
  const number = `${LETTER[kind]}/${year.slice(2)}/${count.toString().padStart(6, '0')}`
  invariant(number.length <= LONGEST, 'A series has fewer than a hundred million numbers.')
  return number
}
