// The public page of one receipt, behind a link that cannot be guessed and runs out. The token in the path is all that
// is asked for; a link that is unknown, expired or for something else finds nothing, each in the same words.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Deps } from '../operations/deps.ts'
import { readReceiptByToken } from '../operations/read-receipt.ts'
import { receiptHtml, receiptPagePolicy } from '../receipts/html.ts'
import { receiptFileName, renderReceiptPdf } from '../receipts/render-pdf.ts'
import type { Access } from './auth.ts'

const PUBLIC: { readonly config: { readonly access: Access } } = { config: { access: { kind: 'public' } } }
const NONCE_BYTES = 16

type WithToken = { Params: { token: string } }

/** `/receipts/:token` and its PDF, `/receipts/:token/receipt.pdf`. Errors are worded by the surface `page`. */
export function registerReceiptLinks(app: FastifyInstance, deps: Deps): void {
  app.get<WithToken>('/receipts/:token', PUBLIC, async (request, reply) => {
    const { token } = request.params
    const { receipt, overlays } = await readReceiptByToken(deps, token)
    const nonce = deps.randomness.bytes(NONCE_BYTES).toString('base64')
    const html = receiptHtml(receipt, overlays, { nonce, pdfUrl: `/receipts/${token}/receipt.pdf` })
    return unlisted(reply)
      .headers({ 'content-security-policy': receiptPagePolicy(nonce), 'x-frame-options': 'DENY' })
      .type('text/html; charset=utf-8')
      .send(html)
  })

  app.get<WithToken>('/receipts/:token/receipt.pdf', PUBLIC, async (request, reply) => {
    const { receipt, overlays } = await readReceiptByToken(deps, request.params.token)
    const pdf = await renderReceiptPdf(receipt, overlays)
    return unlisted(reply)
      .header('content-disposition', `attachment; filename="${receiptFileName(receipt)}"`)
      .type('application/pdf')
      .send(pdf)
  })
}

/** Whoever has the link may see it; a search engine that met it somewhere should not. */
function unlisted(reply: FastifyReply): FastifyReply {
  return reply.header('x-robots-tag', 'noindex, nofollow')
}
