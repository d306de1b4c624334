// The API's words as a person reads them, and which of them call for attention.
import type { Payment } from '../api.ts'

type Status = Payment['status']

export const STATUSES: Readonly<
  Record<Status, { readonly label: string; readonly tone: 'good' | 'bad' | 'wait' | 'quiet' }>
> = {
  created: { label: 'Created', tone: 'quiet' },
  requires_action: { label: 'Waiting for payer', tone: 'wait' },
  processing: { label: 'Processing', tone: 'wait' },
  unknown: { label: 'Unknown', tone: 'bad' },
  failed: { label: 'Failed', tone: 'quiet' },
  expired: { label: 'Expired', tone: 'quiet' },
  canceled: { label: 'Canceled', tone: 'quiet' },
  declined: { label: 'Declined', tone: 'bad' },
  authorized: { label: 'Authorized', tone: 'wait' },
  voided: { label: 'Voided', tone: 'quiet' },
  captured: { label: 'Captured', tone: 'good' },
}

const METHODS: Readonly<Record<Payment['method'], string>> = {
  upi: 'UPI',
  card: 'Card',
  netbanking: 'Net banking',
  wallet: 'Wallet',
  cash_on_delivery: 'Cash on delivery',
  cash: 'Cash',
  cheque: 'Cheque',
  bank_transfer: 'Bank transfer',
  gateway_page: 'Gateway page',
}

/** Method and what is known of the instrument: `Card · visa •• 0005`. */
export function instrumentOf({ method, facts }: Payment): string {
  const detail =
    facts.vpa ??
    facts.bank ??
    [facts.network, facts.last_four === null ? null : `•• ${facts.last_four}`].filter(Boolean).join(' ')
  return detail === '' ? METHODS[method] : `${METHODS[method]} · ${detail}`
}

/** Whether an outcome is still to come, so that looking again is worth it. */
export function isOpen(status: Status): boolean {
  return ['created', 'requires_action', 'processing', 'unknown'].includes(status)
}

/** `requires_action` reads as `requires action`. */
export function plain(word: string): string {
  return word.replaceAll('_', ' ')
}
