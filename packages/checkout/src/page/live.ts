// News of a payment as the server sends it. Read by hand from an ordinary answer: the browser's own EventSource cannot
// carry the token in a header, and an address with a token in it is written into logs.
import type { PaymentView } from './wire.ts'

/** Resolves when the stream has ended, however; the caller asks for itself anyway. Never rejects. */
export async function readEvents(
  address: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  onPayment: (payment: PaymentView) => void,
): Promise<void> {
  try {
    const reply = await fetch(address, { headers, signal, credentials: 'omit', cache: 'no-store' })
    const reader = reply.ok ? reply.body?.getReader() : undefined
    if (reader === undefined) return
    const decoder = new TextDecoder()
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      text += decoder.decode(value, { stream: true })
      const frames = text.split('\n\n')
      text = frames.pop() ?? ''
      for (const frame of frames) if (frame.startsWith('data: ')) onPayment(JSON.parse(frame.slice(6)) as PaymentView)
    }
  } catch {
    // Cut off, or not to be read: asking goes on.
  }
}
