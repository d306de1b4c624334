// Settlement files and their lines at rest. Lines are only ever added, in the order of the file, so an import that was
// cut off goes on after the last one; the file's own row is the lock that imports of it wait for.
import type { SettlementLine, SettlementSummary } from '../domain/settlement/settlement.ts'
import type { Currency } from '../kernel/money.ts'
import type { DisputeId, GatewayAccountId, PaymentId, RefundId, SettlementId, SettlementLineId } from '../kernel/ids.ts'
import type { Tx } from './db.ts'

export type SettlementRow = {
  readonly id: SettlementId
  readonly gatewaySettlementId: string
  readonly status: 'importing' | 'imported' | 'unreadable'
  readonly fileHash: Buffer
  readonly hasBankCredit: boolean
}

const COLUMNS = `id, gateway_settlement_id as "gatewaySettlementId", status, file_hash as "fileHash",
  bank_amount is not null as "hasBankCredit"`

export async function findSettlement(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  gatewaySettlementId: string,
): Promise<SettlementRow | undefined> {
  const { rows } = await tx.query<SettlementRow>(
    `select ${COLUMNS} from settlements
      where merchant_id = $1 and mode = $2 and gateway_account_id = $3 and gateway_settlement_id = $4 for update`,
    [tx.tenant.merchantId, tx.tenant.mode, gatewayAccountId, gatewaySettlementId],
  )
  return rows[0]
}

/** Does nothing when the file is known, by its name or by its bytes. */
export async function insertSettlement(
  tx: Tx,
  settlement: {
    readonly id: SettlementId
    readonly gatewayAccountId: GatewayAccountId
    readonly summary: SettlementSummary
    readonly status: 'importing' | 'unreadable'
    readonly fileHash: Buffer
    readonly lines: number
    readonly netMinor: bigint
  },
): Promise<void> {
  const { summary } = settlement
  await tx.query(
    `insert into settlements (merchant_id, mode, id, gateway_account_id, gateway_settlement_id, utr, currency, file_hash,
       status, lines, net, bank_amount, bank_credited_at, settled_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict do nothing`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      settlement.id,
      settlement.gatewayAccountId,
      summary.gatewaySettlementId,
      summary.utr,
      summary.currency,
      settlement.fileHash,
      settlement.status,
      settlement.lines,
      settlement.netMinor,
      summary.bankCredit?.amountMinor ?? null,
      summary.bankCredit?.at ?? null,
      summary.createdAt,
      tx.now,
    ],
  )
}

export async function endImport(tx: Tx, id: SettlementId): Promise<void> {
  await tx.query(
    `update settlements set status = 'imported', imported_at = $4
      where merchant_id = $1 and mode = $2 and id = $3 and status = 'importing'`,
    [tx.tenant.merchantId, tx.tenant.mode, id, tx.now],
  )
}

/** What the bank said later than the file. */
export async function saveBankCredit(
  tx: Tx,
  id: SettlementId,
  credit: NonNullable<SettlementSummary['bankCredit']>,
): Promise<void> {
  await tx.query(
    `update settlements set bank_amount = $4, bank_credited_at = $5
      where merchant_id = $1 and mode = $2 and id = $3 and bank_amount is null`,
    [tx.tenant.merchantId, tx.tenant.mode, id, credit.amountMinor, credit.at],
  )
}

/**
 * The id to list after: of the newest file before which everything is imported and credited, so that what was cut off,
 * or waits for the bank, is looked at again.
 */
export async function findListedUpTo(tx: Tx, gatewayAccountId: GatewayAccountId): Promise<string | null> {
  const { rows } = await tx.query<{ id: string | null }>(
    `select max(s.gateway_settlement_id) as id from settlements s
      where s.merchant_id = $1 and s.mode = $2 and s.gateway_account_id = $3
        and not exists (
            select 1 from settlements o
             where o.merchant_id = $1 and o.mode = $2 and o.gateway_account_id = $3
               and o.gateway_settlement_id <= s.gateway_settlement_id
               and (o.status = 'importing' or (o.status = 'imported' and o.bank_amount is null)))`,
    [tx.tenant.merchantId, tx.tenant.mode, gatewayAccountId],
  )
  return rows[0]?.id ?? null
}

export async function countLines(tx: Tx, settlementId: SettlementId): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from settlement_lines where merchant_id = $1 and mode = $2 and settlement_id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, settlementId],
  )
  return rows[0]?.count ?? 0
}

/** What of ours a line is about. */
export type LineOwner = {
  readonly paymentId: PaymentId
  readonly refundId: RefundId | null
  readonly disputeId: DisputeId | null
}

export type NewLine = {
  readonly id: SettlementLineId
  readonly settlementId: SettlementId
  readonly gatewayAccountId: GatewayAccountId
  readonly line: SettlementLine
  readonly outcome: 'matched' | 'broken'
  readonly paymentId: PaymentId | null
  readonly refundId: RefundId | null
  readonly disputeId: DisputeId | null
}

export async function insertSettlementLine(tx: Tx, { line, ...about }: NewLine): Promise<void> {
  await tx.query(
    `insert into settlement_lines (merchant_id, mode, id, settlement_id, gateway_account_id, line, kind,
       gateway_object_id, gateway_payment_id, reference, currency, gross, fee, gst, tds, net, outcome, payment_id,
       refund_id, at, created_at, dispute_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      about.id,
      about.settlementId,
      about.gatewayAccountId,
      line.line,
      line.kind,
      line.gatewayObjectId,
      line.gatewayPaymentId,
      line.reference,
      line.gross.currency,
      line.gross.minor,
      line.fee.minor,
      line.gst.minor,
      line.tds.minor,
      line.netMinor,
      about.outcome,
      about.paymentId,
      about.refundId,
      line.at,
      tx.now,
      about.disputeId,
    ],
  )
}

export type SettledSoFar = { readonly grossMinor: bigint; readonly isSettled: boolean }

/** What matched lines settled of a payment's captures or of a refund, and whether this very object was among them. */
export async function sumSettled(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  of: { readonly line: SettlementLine } & LineOwner,
): Promise<SettledSoFar> {
  const { rows } = await tx.query<{ gross: string; settled: boolean }>(
    `select coalesce(sum(gross), 0) as gross,
            exists (select 1 from settlement_lines where merchant_id = $1 and mode = $2 and gateway_account_id = $3
                       and kind = $4 and gateway_object_id = $5 and outcome = 'matched') as settled
       from settlement_lines
      where merchant_id = $1 and mode = $2 and payment_id = $6 and kind = $4 and outcome = 'matched'
        and ($7::text is null or refund_id = $7) and ($8::text is null or dispute_id = $8)`,
    [
      tx.tenant.merchantId,
      tx.tenant.mode,
      gatewayAccountId,
      of.line.kind,
      of.line.gatewayObjectId,
      of.paymentId,
      of.refundId,
      of.disputeId,
    ],
  )
  return { grossMinor: BigInt(rows[0]?.gross ?? 0), isSettled: rows[0]?.settled ?? false }
}

/** The sums that the bank's credit is held against. */
export async function sumLines(
  tx: Tx,
  settlementId: SettlementId,
): Promise<{ readonly netMinor: bigint; readonly disputedMinor: bigint }> {
  const { rows } = await tx.query<{ net: string; disputed: string }>(
    `select coalesce(sum(l.net), 0) as net,
            coalesce(sum(l.net) filter (where exists (
              select 1 from breaks b where b.merchant_id = $1 and b.mode = $2 and b.settlement_line_id = l.id
                 and b.reason in ('duplicate_line', 'unknown_object'))), 0) as disputed
       from settlement_lines l where l.merchant_id = $1 and l.mode = $2 and l.settlement_id = $3`,
    [tx.tenant.merchantId, tx.tenant.mode, settlementId],
  )
  return { netMinor: BigInt(rows[0]?.net ?? 0), disputedMinor: BigInt(rows[0]?.disputed ?? 0) }
}

export type Missing = {
  readonly paymentId: PaymentId
  readonly refundId: RefundId | null
  readonly amountMinor: bigint
  readonly currency: Currency
  readonly at: Date
}

/** Money that moved in this period and that no line of any file names, neither a matched nor a broken one. */
export async function listMissing(
  tx: Tx,
  gatewayAccountId: GatewayAccountId,
  period: { readonly from: Date; readonly to: Date },
): Promise<readonly Missing[]> {
  const { rows } = await tx.query<Omit<Missing, 'amountMinor'> & { amount: string }>(
    `select p.id as "paymentId", null as "refundId", p.amount_captured as amount, p.currency, p.captured_at as at
       from payments p
      where p.merchant_id = $1 and p.mode = $2 and p.gateway_account_id = $3 and p.status = 'captured'
        and p.captured_at >= $4 and p.captured_at < $5
        and not exists (select 1 from settlement_lines l where l.merchant_id = $1 and l.mode = $2
                           and l.payment_id = p.id and l.kind = 'capture')
     union all
     select r.payment_id, r.id, r.amount, r.currency, r.succeeded_at
       from refunds r
      where r.merchant_id = $1 and r.mode = $2 and r.gateway_account_id = $3 and r.status = 'succeeded'
        and r.succeeded_at >= $4 and r.succeeded_at < $5
        and not exists (select 1 from settlement_lines l where l.merchant_id = $1 and l.mode = $2
                           and l.refund_id = r.id and l.kind = 'refund')`,
    [tx.tenant.merchantId, tx.tenant.mode, gatewayAccountId, period.from, period.to],
  )
  return rows.map(({ amount, ...row }) => ({ ...row, amountMinor: BigInt(amount) }))
}
