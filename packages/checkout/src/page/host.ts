// Who shows this page: a frame of the SDK, the web view of an app, or a browser tab of its own. In a frame the page
// talks to nobody but the window around it, and only if that comes from an origin which the session names; the browser
// itself refused every other frame already (frame-ancestors). In a web view the app is the host, and its own bridge is
// the only listener there is.
import { HELLO } from '../sdk/messages.ts'
import type { FromPage, Told, ToPage } from '../sdk/messages.ts'
import type { SessionView } from './wire.ts'

export type Host = {
  /** `tab`: nobody listens, and the payer goes back by an address. */
  readonly kind: 'frame' | 'app' | 'tab'
  /** Once the session is read: answers whoever said hello. */
  introduce(view: SessionView): void
  tell(told: Told): void
  close(): void
}

type OnSay = (say: ToPage['say']) => void

export function findHost(onSay: OnSay): Host {
  if (parent !== window) return frameHost(onSay)
  const bridge = findBridge()
  return bridge === undefined
    ? { kind: 'tab', introduce: nothing, tell: nothing, close: nothing }
    : appHost(bridge, onSay)
}

function nothing(): void {}

/** For a page that holds nothing: whoever says hello is answered. */
export function greetAnyone(): void {
  addEventListener('message', ({ data, source, ports }) => {
    if (data === HELLO && source === parent) ports[0]?.postMessage({ say: 'ready', methods: [] } satisfies FromPage)
  })
}

function frameHost(onSay: OnSay): Host {
  let visitor: { readonly origin: string; readonly port: MessagePort } | undefined
  let known: SessionView | undefined
  let port: MessagePort | undefined
  const answer = () => {
    if (visitor === undefined || known === undefined || !known.frame_origins.includes(visitor.origin)) return
    port = visitor.port
    visitor = undefined
    port.addEventListener('message', ({ data }: MessageEvent<ToPage>) => onSay(data.say))
    port.start()
    port.postMessage({ say: 'ready', methods: known.methods } satisfies FromPage)
  }
  const hear = ({ data, source, origin, ports }: MessageEvent) => {
    const [end] = ports
    if (data !== HELLO || source !== parent || end === undefined) return
    visitor = { origin, port: end }
    answer()
  }
  addEventListener('message', hear)
  return {
    kind: 'frame',
    introduce: (view) => {
      known = view
      answer()
    },
    tell: (told) => port?.postMessage({ say: 'told', told } satisfies FromPage),
    close: () => {
      removeEventListener('message', hear)
      port?.close()
    },
  }
}

type Bridge = (text: string) => void

type Bridges = {
  readonly ReactNativeWebView?: { postMessage(text: string): void }
  /** Android: addJavascriptInterface(…, "PurserBridge"). */
  readonly PurserBridge?: { postMessage(text: string): void }
  /** iOS: WKUserContentController.add(…, name: "purser"). */
  readonly webkit?: { readonly messageHandlers?: { readonly purser?: { postMessage(text: string): void } } }
}

function findBridge(): Bridge | undefined {
  const { ReactNativeWebView, PurserBridge, webkit } = window as unknown as Bridges
  const found = ReactNativeWebView ?? PurserBridge ?? webkit?.messageHandlers?.purser
  // An app's bridge and no window: there is no origin to name.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  return found === undefined ? undefined : (text) => found.postMessage(text)
}

function appHost(send: Bridge, onSay: OnSay): Host {
  // The app says it by running a line of script in this page: window.postMessage('purser:back', location.origin).
  const hear = ({ data, source, origin }: MessageEvent) => {
    if (data === 'purser:back' && source === window && origin === location.origin) onSay('back')
  }
  addEventListener('message', hear)
  let requestId = ''
  return {
    kind: 'app',
    introduce: (view) => {
      requestId = view.id
    },
    tell: (told) => send(JSON.stringify({ ...told, service: 'purser', requestId })),
    close: () => removeEventListener('message', hear),
  }
}
