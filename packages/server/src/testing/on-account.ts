// Money on account, for tests: what a merchant's server asks for to record, apply, give back and end it.
import { expect } from 'vitest'
import type { Answer, MerchantClient } from './merchant-client.ts'

let lastNumber = 100_000
const nextNumber = () => String((lastNumber += 1))
const AT = '2026-01-05T10:00:00Z'

export const CASH = { currency: 'INR', method: 'cash', received_at: AT, received_by: 'Ravi, route 4' }
/** One that nobody has recorded yet. */
export const cheque = () => ({
  currency: 'INR',
  method: 'cheque',
  bank: 'HDFC Bank',
  cheque_number: nextNumber(),
  cheque_date: '2026-01-04',
  received_at: AT,
})
/** One that nobody has recorded yet. */
export const transfer = () => ({
  currency: 'INR',
  method: 'bank_transfer',
  utr: `HDFCR5202601${nextNumber()}`,
  received_at: AT,
})
export const GIVEN = { way: 'cash', at: '2026-01-07T10:00:00Z', by: 'Meera, front desk' }

/** What the answer says of an error. */
export const codeOf = ({ status, body }: Answer) => [status, body['code'], body['field']]

type Posted = { readonly debit: string; readonly credit: string; readonly amount: number; readonly reason: string }

export type OnAccount = ReturnType<typeof onAccount>

export function onAccount(merchant: MerchantClient) {
  const read = async (path: string) => (await merchant.get(path)).body
  const record = (amount: number, more: object = CASH) => merchant.post('/v1/offline-payments', { amount, ...more })
  const allocate = (paymentId: string, body: object, key?: string) =>
    merchant.post(`/v1/payments/${paymentId}/allocations`, body, key)
  return {
    read,
    record,
    allocate,
    /** Its id. */
    async recorded(amount: number, more: object = CASH): Promise<string> {
      const { status, body } = await record(amount, more)
      expect([status, body['object']]).toEqual([201, 'offline_payment'])
      return String(body['id'])
    },
    /** Its id. */
    async allocated(paymentId: string, body: object): Promise<string> {
      const answer = await allocate(paymentId, body)
      expect(answer.status, JSON.stringify(answer.body)).toBe(201)
      return String(answer.body['id'])
    },
    clear: (id: string) => merchant.post(`/v1/offline-payments/${id}/clear`, { cleared_at: '2026-01-06T10:00:00Z' }),
    bounce: (id: string) => merchant.post(`/v1/offline-payments/${id}/bounce`, { reason: 'Funds insufficient' }),
    reverse: (id: string) => merchant.post(`/v1/offline-payments/${id}/reverse`, { reason: 'Typed twice' }),
    refund: (id: string, amount: number, givenBack: object = GIVEN) =>
      merchant.post(`/v1/payments/${id}/refunds`, { amount, reason: 'other', given_back: givenBack }),
    /** In the order of the alphabet: what happened in one instant has none of its own. */
    async postingsOf(paymentId: string): Promise<string[]> {
      const { postings } = await read(`/v1/payments/${paymentId}/timeline`)
      const told = (postings as Posted[]).map(
        ({ debit, credit, amount, reason }) => `${reason} ${debit}>${credit} ${amount}`,
      )
      return told.sort()
    },
    /** In the order of the alphabet. */
    async eventsOf(paymentId: string): Promise<string[]> {
      const { items } = await read(`/v1/events?payment_id=${paymentId}`)
      return (items as { type: string }[]).map(({ type }) => type).sort()
    },
  }
}
