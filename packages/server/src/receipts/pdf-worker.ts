// The thread that draws PDFs. It reads the typeface once and then answers one document after the other; a failure is an
// answer too, so that the thread lives on.
import { readFileSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { ReceiptDocument } from '../domain/receipt/document.ts'
import { invariant } from '../kernel/errors.ts'
import { drawReceiptPdf } from './draw-pdf.ts'

export type DrawRequest = { readonly id: number; readonly document: ReceiptDocument }
export type DrawReply =
  | { readonly id: number; readonly pdf: Uint8Array }
  | { readonly id: number; readonly failure: string }

const font = readFileSync(new URL('fonts/NotoSans_400Regular.ttf', import.meta.url))
const port = parentPort
invariant(port !== null, 'This file runs in a worker thread.')

async function reply({ id, document }: DrawRequest): Promise<DrawReply> {
  try {
    return { id, pdf: await drawReceiptPdf(document, font) }
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : 'Something that is no error.' }
  }
}

port.on('message', (request: DrawRequest) => {
  void reply(request).then((answer) => port.postMessage(answer, []))
})
