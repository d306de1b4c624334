// Takes a payment. Our reference is the gateway's idempotency key, so a repeat shows the same payment.
import type { Instrument, SavedInstrument } from '../../domain/payment/method.ts'
import type { PaymentReport } from '../../domain/payment/report.ts'
import { invariant } from '../../kernel/errors.ts'
import { formatDecimal } from '../../kernel/money.ts'
import type { AuthorizeInput, Exchange } from '../contract/connector.ts'
import { readReply } from '../contract/read-reply.ts'
import { mandateBody } from './mandates.ts'
import { paymentResult } from './reports.ts'
import type { SandboxCredentials } from './wire.ts'
import { endpoint, headers, PaymentReply, refused } from './wire.ts'

export const authorize: Exchange<AuthorizeInput, SandboxCredentials, PaymentReport> = {
  toRequest: (input, credentials) => ({
    method: 'POST',
    url: endpoint(credentials, '/payments'),
    headers: headers(credentials),
    body: JSON.stringify({
      reference: input.reference,
      amount: formatDecimal(input.amount),
      currency: input.amount.currency,
      capture: input.capture === 'automatic' ? 'NOW' : 'LATER',
      method: toMethod(input.instrument),
      description: input.description,
      payer: { name: input.payer.name, email: input.payer.email, phone: input.payer.phone },
      return_url: input.returnUrl,
      ...(input.keepFor === undefined ? {} : { save_for: input.keepFor }),
      ...(input.mandate === undefined ? {} : { mandate: mandateBody(input.mandate) }),
    }),
  }),

  fromReply: (reply) =>
    readReply(reply, PaymentReply, (body, status) => ('error' in body ? refused(body, status) : paymentResult(body))),
}

function toMethod(instrument: Instrument | SavedInstrument): object {
  if ('gatewayMethodId' in instrument) {
    return { type: 'SAVED', saved_instrument: instrument.gatewayMethodId, customer: instrument.customerId }
  }
  if (instrument.method === 'card') return { type: 'CARD', token: instrument.token }
  if (instrument.method === 'netbanking') return { type: 'NETBANKING', bank: instrument.bank }
  if (instrument.method === 'wallet') return { type: 'WALLET', wallet: instrument.wallet }
  invariant(instrument.method === 'upi', 'The sandbox was routed a method that it does not take.')
  if (instrument.flow !== 'collect') return { type: 'UPI', flow: instrument.flow.toUpperCase() }
  return { type: 'UPI', flow: 'COLLECT', vpa: instrument.vpa ?? '' }
}
