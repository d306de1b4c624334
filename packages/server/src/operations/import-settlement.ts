// Imports one settlement file: fetched, kept under its hash, its lines heard and matched in order, its sum held
// against the bank's credit of its UTR. Cut off anywhere, it goes on after the last line that was kept; imported twice
// or by two at once, it is imported once.
import { matchNet } from '../domain/settlement/match.ts'
import type { LineBreak } from '../domain/settlement/match.ts'
import type { SettlementFile, SettlementSummary } from '../domain/settlement/settlement.ts'
import { AppError, invariant } from '../kernel/errors.ts'
import { sha256 } from '../kernel/hmac.ts'
import { SettlementId } from '../kernel/ids.ts'
import type { Tenant } from '../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import {
  countLines,
  endImport,
  findSettlement,
  insertSettlement,
  saveBankCredit,
  sumLines,
} from '../store/settlements.ts'
import type { SettlementRow } from '../store/settlements.ts'
import type { Deps } from './deps.ts'
import type { OpenAccount } from './gateway.ts'
import { openBreak } from './open-break.ts'
import { hearLine, settleLine } from './settle-line.ts'
import type { SettledLine } from './settle-line.ts'

export type Imported = {
  readonly files: number
  readonly lines: number
  readonly matched: number
  readonly breaks: number
}

const NOTHING: Imported = { files: 0, lines: 0, matched: 0, breaks: 0 }
const CHUNK = 25
const FILE_TIMEOUT_MS = 60_000
const LARGEST_FILE_BYTES = 64 * 1024 * 1024

/** @throws AppError gateway_unavailable when the file cannot be fetched */
export async function importSettlement(
  deps: Deps,
  tenant: Tenant,
  gateway: OpenAccount,
  summary: SettlementSummary,
): Promise<Imported> {
  const known = await deps.store.inTransaction(tenant, (tx) =>
    findSettlement(tx, gateway.account.id, summary.gatewaySettlementId),
  )
  if (known?.status === 'unreadable') return NOTHING
  if (known?.status === 'imported') return creditLater(deps, tenant, gateway, summary)
  const text = await fetchFile(deps, gateway, summary)
  const fileHash = sha256(text)
  const file = gateway.connector.settlements?.parse(text)
  invariant(file !== undefined, 'Files are fetched with a connector that has some.')
  const named = !('unreadable' in file) && file.gatewaySettlementId === summary.gatewaySettlementId
  const readable = named && file.utr === summary.utr ? file : undefined
  const row = await deps.store.inTransaction(tenant, (tx) =>
    keepFile(deps, tx, gateway, summary, { fileHash, readable }),
  )
  if (readable === undefined) {
    const reason = 'unreadable' in file ? file.unreadable : 'It names another settlement or UTR than the list.'
    return report(deps, tenant, { gateway, summary, row }, { reason: 'file_unreadable', details: { reason } })
  }
  if (!row.fileHash.equals(fileHash)) {
    return report(deps, tenant, { gateway, summary, row }, { reason: 'file_changed', details: {} })
  }
  return importLines(deps, tenant, { gateway, summary, row }, readable)
}

type What = { readonly gateway: OpenAccount; readonly summary: SettlementSummary; readonly row: SettlementRow }

async function fetchFile(deps: Deps, gateway: OpenAccount, summary: SettlementSummary): Promise<string> {
  const exchange = gateway.connector.settlements?.fetch
  invariant(exchange !== undefined, 'Files are fetched with a connector that has some.')
  const input = { gatewaySettlementId: summary.gatewaySettlementId }
  const options = { timeoutMs: FILE_TIMEOUT_MS, maxReplyBytes: LARGEST_FILE_BYTES, isPayment: false } as const
  const reply = await deps.sendToGateway(gateway.account.id, exchange.toRequest(input, gateway.credentials), options)
  const result = exchange.fromReply(reply, input)
  if (result.kind === 'report') return result.report.text
  throw new AppError('gateway_unavailable', {}, { internal: 'reason' in result ? result.reason : result.kind })
}

async function keepFile(
  deps: Deps,
  tx: Tx,
  gateway: OpenAccount,
  summary: SettlementSummary,
  { fileHash, readable }: { fileHash: Buffer; readable: SettlementFile | undefined },
): Promise<SettlementRow> {
  await insertSettlement(tx, {
    id: SettlementId.create(deps.clock.now()),
    gatewayAccountId: gateway.account.id,
    summary,
    status: readable === undefined ? 'unreadable' : 'importing',
    fileHash,
    lines: readable?.lines.length ?? 0,
    netMinor: readable?.lines.reduce((total, line) => total + line.netMinor, 0n) ?? 0n,
  })
  const row = await findSettlement(tx, gateway.account.id, summary.gatewaySettlementId)
  invariant(row !== undefined, 'A file that was just kept is there.')
  return row
}

async function importLines(deps: Deps, tenant: Tenant, what: What, file: SettlementFile): Promise<Imported> {
  const { gateway, summary, row } = what
  const where = { gateway, settlementId: row.id }
  let matched = 0
  let breaks = 0
  let done = await deps.store.inTransaction(tenant, (tx) => countLines(tx, row.id))
  const first = done
  while (done < file.lines.length) {
    const chunk = file.lines.slice(done, done + CHUNK)
    for (const line of chunk) await deps.store.inTransaction(tenant, (tx) => hearLine(deps, tx, where, line))
    const settled = await deps.store.inTransaction(tenant, async (tx) => {
      await findSettlement(tx, gateway.account.id, summary.gatewaySettlementId)
      // Somebody else may have been quicker while this one waited for the lock.
      const kept = await countLines(tx, row.id)
      const results: SettledLine[] = []
      for (const line of chunk) if (line.line > kept) results.push(await settleLine(deps, tx, where, line))
      return results
    })
    matched += settled.filter((line) => line.isMatched).length
    breaks += settled.reduce((total, line) => total + line.newBreaks, 0)
    done += chunk.length
  }
  breaks += await deps.store.inTransaction(tenant, async (tx) => {
    await findSettlement(tx, gateway.account.id, summary.gatewaySettlementId)
    await endImport(tx, row.id)
    return checkNet(deps, tx, what)
  })
  return { files: 1, lines: file.lines.length - first, matched, breaks }
}

/** The bank had said nothing when the file was imported. */
async function creditLater(
  deps: Deps,
  tenant: Tenant,
  gateway: OpenAccount,
  summary: SettlementSummary,
): Promise<Imported> {
  const credit = summary.bankCredit
  if (credit === null) return NOTHING
  const breaks = await deps.store.inTransaction(tenant, async (tx) => {
    const row = await findSettlement(tx, gateway.account.id, summary.gatewaySettlementId)
    if (row === undefined || row.hasBankCredit) return 0
    await saveBankCredit(tx, row.id, credit)
    return checkNet(deps, tx, { gateway, summary, row })
  })
  return { ...NOTHING, breaks }
}

async function checkNet(deps: Deps, tx: Tx, what: What): Promise<number> {
  const { netMinor, disputedMinor } = await sumLines(tx, what.row.id)
  const { bankCredit } = what.summary
  const found = matchNet({ allMinor: netMinor, disputedMinor, bankCredit })
  return found === null ? 0 : keepBreak(deps, tx, what, found)
}

function report(deps: Deps, tenant: Tenant, what: What, found: LineBreak): Promise<Imported> {
  return deps.store.inTransaction(tenant, async (tx) => ({
    ...NOTHING,
    breaks: await keepBreak(deps, tx, what, found),
  }))
}

function keepBreak(deps: Deps, tx: Tx, { gateway, summary, row }: What, found: LineBreak): Promise<number> {
  return openBreak(deps, tx, {
    gatewayAccountId: gateway.account.id,
    settlementId: row.id,
    settlementLineId: null,
    paymentId: null,
    refundId: null,
    reason: found.reason,
    subject: summary.gatewaySettlementId,
    details: { ...found.details, utr: summary.utr },
  })
}
