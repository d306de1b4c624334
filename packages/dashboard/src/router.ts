// Two addresses, so no router library: /dashboard is the list (with its search in the query), and
// /dashboard/payments/<id> one payment. Addresses can be shared, and the back button works.
import { useSyncExternalStore } from 'react'
import type { MouseEvent } from 'react'

export const LIST = '/dashboard'

export function paymentAddress(id: string): string {
  return `${LIST}/payments/${encodeURIComponent(id)}`
}

/** The payment that an address names, or undefined for the list. */
export function paymentIn(path: string): string | undefined {
  return /^\/dashboard\/payments\/(pay_[0-9a-z]+)\/?$/.exec(path)?.[1]
}

const CHANGED = 'purser:navigated'

export function navigate(address: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', address)
  else history.replaceState(null, '', address)
  dispatchEvent(new Event(CHANGED))
}

/** Path and query of the present address. */
export function useAddress(): { readonly path: string; readonly query: URLSearchParams } {
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search)
  const [path = '', query = ''] = address.split('?')
  return { path, query: new URLSearchParams(query) }
}

function subscribe(changed: () => void): () => void {
  addEventListener('popstate', changed)
  addEventListener(CHANGED, changed)
  return () => {
    removeEventListener('popstate', changed)
    removeEventListener(CHANGED, changed)
  }
}

/** For a link within the dashboard: plain clicks stay on the page, others (a new tab) are the browser's. */
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return
  event.preventDefault()
  navigate(event.currentTarget.pathname + event.currentTarget.search)
}
