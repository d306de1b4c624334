// A receipt as a PDF. The same receipt with the same overlays is drawn once and then kept for a while, and those who
// ask for it at the same moment share one drawing. What is kept is known by its whole content, so no merchant's
// document can ever answer for another's.
import { createHash } from 'node:crypto'
import { receiptDocument } from '../domain/receipt/document.ts'
import type { Overlay, Receipt } from '../domain/receipt/receipt.ts'
import { createDrawingThread } from './drawing-thread.ts'
import type { DrawingThread } from './drawing-thread.ts'

const MOST_KEPT = 200

export type ReceiptPrinter = {
  /** @throws AppError overloaded when too many wait, internal_error when the drawing failed */
  renderReceiptPdf(receipt: Receipt, overlays: readonly Overlay[]): Promise<Buffer>
  close(): Promise<void>
}

export function createReceiptPrinter(thread: DrawingThread = createDrawingThread()): ReceiptPrinter {
  // In order of use: the one unused for longest stands first.
  const kept = new Map<string, Promise<Buffer>>()
  return {
    renderReceiptPdf: async (receipt, overlays) => {
      const document = receiptDocument(receipt, overlays)
      const key = `${receipt.id} ${createHash('sha256').update(JSON.stringify(document)).digest('base64url')}`
      const pdf = kept.get(key) ?? thread.draw(document)
      kept.delete(key)
      kept.set(key, pdf)
      for (const oldest of kept.keys()) {
        if (kept.size <= MOST_KEPT) break
        kept.delete(oldest)
      }
      try {
        return await pdf
      } catch (error) {
        // A failure is not kept: the next one who asks gets another try.
        if (kept.get(key) === pdf) kept.delete(key)
        throw error
      }
    },
    close: () => thread.close(),
  }
}

/** `receipt-R-26-27-000001.pdf`: letters, digits and hyphens only, so it needs no quoting anywhere. */
export function receiptFileName({ kind, number }: Receipt): string {
  return `${kind.replaceAll('_', '-')}-${number.replaceAll('/', '-')}.pdf`
}

const printer = createReceiptPrinter()

/** By the process's own printer. @throws AppError overloaded, internal_error */
export function renderReceiptPdf(receipt: Receipt, overlays: readonly Overlay[]): Promise<Buffer> {
  return printer.renderReceiptPdf(receipt, overlays)
}
