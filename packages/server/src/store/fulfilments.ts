// What merchants told of handing over what was paid for. Written once, never changed.
import type { FulfilmentId, OrderId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'

export type Fulfilment = {
  readonly id: FulfilmentId
  readonly orderId: OrderId
  readonly status: string
  readonly command: string
  readonly reference: string | null
  readonly note: string
  readonly createdAt: Date
}

export async function insertFulfilment(tx: Tx, told: Omit<Fulfilment, 'createdAt'>): Promise<Fulfilment> {
  await tx.query(
    `insert into fulfilments (merchant_id, mode, id, order_id, status, command, reference, note, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      told.id,
      told.orderId,
      told.status,
      told.command,
      told.reference,
      told.note,
      tx.now,
    ],
  )
  return { ...told, createdAt: tx.now }
}
