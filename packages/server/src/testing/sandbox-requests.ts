// Requests to the sandbox gateway as tests build them: a plain sale unless they say otherwise.
import { systemRandomness } from '../kernel/random.ts'
import type { Loose, RunningSandbox } from './running-sandbox.ts'

export function paymentBody(change: object = {}) {
  return {
    reference: `ref-${systemRandomness.bytes(8).toString('hex')}`,
    amount: '100.00',
    currency: 'INR',
    capture: 'NOW',
    method: { type: 'CARD', token: 'tok_approve' },
    description: 'Two tickets',
    payer: { name: 'Asha', email: null, phone: null },
    return_url: 'https://shop.example/return',
    ...change,
  }
}

/** A payment as the gateway shows it after it was taken. */
export async function givenPayment(sandbox: RunningSandbox, change: object = {}): Promise<Loose> {
  const { status, body } = await sandbox.call('POST', '/v1/payments', paymentBody(change))
  if (status !== 201) throw new Error(`The gateway answered ${status}: ${JSON.stringify(body)}`)
  return body
}
