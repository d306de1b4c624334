// <purser-checkout client-token="…">: the payment page inside the shop's own page instead of over it. What the SDK
// tells by callback comes as an event of the element: `purser`, with the envelope as its detail.
import { openFrame } from './frame.ts'
import type { Frame } from './frame.ts'
import { readPayload } from './payload.ts'

export function defineElement(defaultBase: string): void {
  if (customElements.get('purser-checkout') !== undefined) return
  customElements.define(
    'purser-checkout',
    class extends HTMLElement {
      private frame: Frame | undefined

      connectedCallback(): void {
        const { token, service, requestId } = readPayload({ client_token: this.getAttribute('client-token') ?? '' })
        if (token === undefined) return
        if (this.style.display === '') this.style.display = 'block'
        // The frame is as high as this; a frame of another origin cannot be asked how high it would like to be.
        if (this.style.height === '') this.style.height = '760px'
        const frame = openFrame({
          address: `${(this.getAttribute('base-url') ?? defaultBase).replace(/\/+$/, '')}/pay/${token}`,
          host: this,
          onMessage: (message) => {
            if (message.say === 'ready') return frame.show()
            const detail = { ...message.told, service, requestId }
            this.dispatchEvent(new CustomEvent('purser', { detail, bubbles: true }))
          },
          onSilence: () => console.error('Purser: the payment page did not answer. Is this origin in frame_origins?'),
        })
        this.frame = frame
      }

      disconnectedCallback(): void {
        this.frame?.close()
        this.frame = undefined
      }
    },
  )
}
