// What the SDK and the page in its frame say to each other. The first word is the SDK's, sent to the page's origin
// alone, with one end of a channel; the page takes it only from the window that frames it and from an origin that its
// session names. Everything after goes through that channel, which no third window can listen to or speak into.
import type { PurserEvent } from './public.ts'

export const HELLO = 'purser:hello'

export type ToPage = { readonly say: 'open' } | { readonly say: 'back' }

/** An envelope without what only the SDK knows. */
export type Told = Pick<PurserEvent, 'event' | 'error' | 'errorCode' | 'errorMessage' | 'payload'>

export type FromPage =
  | { readonly say: 'ready'; readonly methods: readonly string[] }
  | { readonly say: 'told'; readonly told: Told }
