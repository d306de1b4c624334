// Small questions that an app asks before it pays: what can be paid with, and whether a UPI id can be one.
import { openPaymentMethods } from '../../operations/open-payment-methods.ts'
import { AppError } from '../../kernel/errors.ts'
import type { PaymentMethod } from '../../domain/payment/method.ts'
import { missingFields } from './errors.ts'
import { textIn } from './fields.ts'
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
  return { payment_methods: methods.flatMap((method) => LINES[method]) }
}

async function verifyVpa({ fields }: Call): Promise<unknown> {
  const vpa = textIn(fields, 'vpa')
  if (vpa === undefined) throw missingFields('vpa')
  if (!isVpa(vpa)) return { vpa, status: 'INVALID' }
  return { vpa, status: 'VALID', mandate_details: { is_handle_supported: true }, customer_name: 'Verified' }
}

const who = { key: 'read', token: true } as const

export const lookupRoutes: readonly JuspayRoute[] = [
  { method: 'GET', paths: ['/merchants/:merchant_id/paymentmethods'], who, handle: paymentMethods },
  { method: 'POST', paths: ['/v2/upi/verify-vpa'], who, handle: verifyVpa },
]
