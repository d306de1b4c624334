// Settlements over the merchant's API: the list with what the bank credited, and each file.
import type { FastifyInstance } from 'fastify'
import { signedDecimal } from '../book/settlement.ts'
import { GatewayRefusal } from '../refusal.ts'
import { findSettlementCsv, listSettlements } from '../store/settlements.ts'
import type { SettlementSummary } from '../store/settlements.ts'
import { authenticate } from './answer.ts'
import type { GatewayContext } from './context.ts'

const PAGE = 50

export function settlementRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.get<{ Querystring: { after?: string } }>('/v1/settlements', async (request) => {
    const account = await authenticate(context, request)
    const found = await listSettlements(context.pool, account.id, request.query.after ?? '', PAGE + 1)
    const page = found.slice(0, PAGE)
    return { settlements: page.map(settlementView), next: found.length > PAGE ? (page.at(-1)?.id ?? null) : null }
  })

  app.get<{ Params: { file: string } }>('/v1/settlements/:file', async (request, reply) => {
    const account = await authenticate(context, request)
    const [, id] = /^(sbt_[0-9a-z]{26})\.csv$/.exec(request.params.file) ?? []
    const csv = id === undefined ? undefined : await findSettlementCsv(context.pool, account.id, id)
    if (csv === undefined) throw new GatewayRefusal('NOT_FOUND', 'settlement')
    return reply.type('text/csv; charset=utf-8').send(csv)
  })
}

function settlementView(settlement: SettlementSummary) {
  const { id, utr, currency, lines, net, credit } = settlement
  return {
    id,
    utr,
    currency,
    lines,
    net: signedDecimal(net, currency),
    bank_credit:
      credit === null ? null : { utr, amount: signedDecimal(credit.amount, currency), at: credit.at.toISOString() },
    created_at: settlement.createdAt.toISOString(),
  }
}
