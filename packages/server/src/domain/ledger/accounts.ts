// The ledger's accounts (domain.md, "Ledger and settlement"). One list for every merchant, mode and currency.
export const LEDGER_ACCOUNTS = [
  'gateway_receivable',
  'bank',
  'cash',
  'cheques_in_clearing',
  'customer_credit',
  'sales_clearing',
  'refunds_pending',
  'fee',
  'gst_on_fee',
  'tds',
  'dispute_hold',
  'dispute_fee',
  'reserve',
  'surcharge',
  'tip',
  'discount',
] as const
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number]
