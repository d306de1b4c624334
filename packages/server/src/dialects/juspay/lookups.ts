// Small questions that an app asks before it pays: what can be paid with, and whether a UPI id can be one.
import { openPaymentMethods } from '../../operations/open-payment-methods.ts'
import { AppError } from '../../kernel/errors.ts'
import type { PaymentMethod } from '../../domain/payment/method.ts'
import { missingFields } from './errors.ts'
import { isTrue, textIn } from './fields.ts'
import type { Call, JuspayRoute } from './route.ts'
import { isVpa } from './txns.ts'

type Line = { readonly payment_method_type: string; readonly payment_method: string; readonly description: string }

const line = (payment_method_type: string, payment_method: string, description: string): Line => ({
  payment_method_type,
  payment_method,
  description,
})

const LINES: Record<PaymentMethod, readonly Line[]> = {
  upi: [line('UPI', 'UPI_COLLECT', 'UPI Collect'), line('UPI', 'UPI_PAY', 'UPI Intent')],
  card: [line('CARD', 'VISA', 'Visa'), line('CARD', 'MASTERCARD', 'Mastercard'), line('CARD', 'RUPAY', 'RuPay')],
  netbanking: [line('NB', 'NB_DUMMY', 'Net banking')],
  wallet: [line('WALLET', 'DUMMY', 'Wallet')],
  gateway_page: [],
  cash_on_delivery: [line('CASH', 'CASH', 'Cash on delivery')],
  // Recorded afterwards, never chosen by a payer.
  cash: [],
  cheque: [],
  bank_transfer: [],
}

async function paymentMethods(call: Call): Promise<unknown> {
  if (call.param('merchant_id') !== call.place.merchantId) throw new AppError('credentials_invalid')
  const methods = await openPaymentMethods(call.deps, call.actor)
  const outage = isTrue(call.fields, 'options.add_outage') ? { outage: [] } : {}
  return { payment_methods: methods.flatMap((method) => LINES[method]), ...outage }
}

async function verifyVpa({ fields }: Call): Promise<unknown> {
  const vpa = textIn(fields, 'vpa')
  if (vpa === undefined) throw missingFields('vpa')
  if (!isVpa(vpa)) return { vpa, status: 'INVALID' }
  return { vpa, status: 'VALID', mandate_details: { is_handle_supported: true }, customer_name: 'Verified' }
}

// The networks' own ranges; a bank's own is known to its gateway alone.
const BRANDS: readonly (readonly [RegExp, string])[] = [
  [/^4/, 'VISA'],
  [/^(?:5[1-5]|2[2-7])/, 'MASTERCARD'],
  [/^3[47]/, 'AMEX'],
  [/^3[068]/, 'DINERS'],
  [/^(?:508|60|65|81|82)/, 'RUPAY'],
  [/^(?:50|56|57|58|63|67)/, 'MAESTRO'],
]

async function cardBin(call: Call): Promise<unknown> {
  const id = call.param('bin')
  if (!/^\d{6,9}$/.test(id)) throw new AppError('field_invalid', { field: 'bin', reason: 'Invalid value.' })
  const unknown = { bank: '', country: '', type: '', extended_card_type: '', card_sub_type: '', juspay_bank_code: '' }
  const brand = BRANDS.find(([range]) => range.test(id))?.[1] ?? ''
  const asked = OPTIONAL.filter((name) => isTrue(call.fields, `options.check_${name}`))
  return { id, object: 'cardbin', brand, ...unknown, ...Object.fromEntries(asked.map((name) => [name, false])) }
}

/** None of these is on offer for any card. */
const OPTIONAL = ['direct_otp_support', 'tokenize_support', 'atm_pin_auth_support', 'cvv_less_support'] as const

async function outages(): Promise<unknown> {
  return { object: 'list', list: [], count: 0, offset: 0, total: 0 }
}

const who = { key: 'read', token: true, customer: true } as const

export const lookupRoutes: readonly JuspayRoute[] = [
  { method: 'GET', paths: ['/merchants/:merchant_id/paymentmethods'], who, handle: paymentMethods },
  { method: 'GET', paths: ['/cardbins/:bin'], who, handle: cardBin },
  { method: 'GET', paths: ['/outages'], who, handle: outages },
  { method: 'POST', paths: ['/v2/upi/verify-vpa'], who, handle: verifyVpa },
]
