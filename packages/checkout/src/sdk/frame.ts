// One frame with the payment page in it: hidden while it warms, then over everything as a modal dialog, so that the
// browser itself keeps the keyboard inside and brings the focus back. A frame is never moved and never navigated: both
// would load it again, and the second would also put entries into the history of the shop's page.
import { HELLO } from './messages.ts'
import type { FromPage, ToPage } from './messages.ts'
import { after } from './timers.ts'

export type Frame = {
  /** Shows the page and tells it so. */
  show(): void
  send(message: ToPage): void
  /** Takes it away with all that belongs to it. */
  close(): void
}

type Given = {
  readonly address: string
  /** Absent: in a dialog of its own. */
  readonly host?: HTMLElement
  readonly onMessage: (message: FromPage) => void
  readonly onSilence: () => void
}

const LOAD_WITHIN_MS = 15_000
const ANSWER_WITHIN_MS = 5_000
const COVER = 'position:fixed;inset:0;width:100%;height:100%;max-width:none;max-height:none;margin:0;padding:0;border:0'

export function openFrame({ address, host, onMessage, onSilence }: Given): Frame {
  const { origin } = new URL(address)
  const dialog = host === undefined ? document.createElement('dialog') : undefined
  const frame = document.createElement('iframe')
  frame.title = 'Payment'
  frame.allow = 'payment'
  frame.referrerPolicy = 'no-referrer'
  frame.style.cssText = 'display:block;width:100%;height:100%;border:0'
  let port: MessagePort | undefined
  let isClosed = false
  let stopWaiting = after(LOAD_WITHIN_MS, onSilence)
  frame.addEventListener('load', () => {
    const channel = new MessageChannel()
    port?.close()
    port = channel.port1
    stopWaiting()
    // A page that the browser refused to show loads as well, and says nothing.
    stopWaiting = after(ANSWER_WITHIN_MS, onSilence)
    port.addEventListener('message', ({ data }: MessageEvent<FromPage>) => {
      stopWaiting()
      if (!isClosed) onMessage(data)
    })
    port.start()
    frame.contentWindow?.postMessage(HELLO, origin, [channel.port2])
  })
  const send = (message: ToPage) => port?.postMessage(message)
  if (dialog !== undefined) {
    dialog.style.cssText = COVER
    dialog.setAttribute('aria-label', 'Payment')
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault()
      send({ say: 'back' })
    })
  }
  frame.src = address
  dialog?.append(frame)
  const root = dialog ?? frame
  const parent = host ?? document.body
  parent.append(root)
  const { style } = document.documentElement
  let overflow: string | undefined
  return {
    show: () => {
      if (dialog !== undefined && !dialog.open) {
        overflow = style.overflow
        style.overflow = 'hidden'
        dialog.showModal()
      }
      if (dialog !== undefined) frame.focus()
      send({ say: 'open' })
    },
    send,
    close: () => {
      stopWaiting()
      isClosed = true
      port?.close()
      // Closed first: only so does the focus go back to where it was.
      dialog?.close()
      root.remove()
      if (overflow !== undefined) style.overflow = overflow
    },
  }
}
