// Every address that the payer may be sent to passes here. An address is data from the network: one that is not plain
// http(s), or upi for an app, is no link at all, whoever sent it.
import type { SessionView } from './wire.ts'

export function webAddress(text: string | null | undefined): string | undefined {
  const url = parse(text)
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined
}

/** A link that opens a UPI app. */
export function upiAddress(text: string): string | undefined {
  return parse(text)?.protocol === 'upi:' ? text : undefined
}

/** In test mode the link names the page that stands in for a UPI app. */
export function simulatorAddress(upi: string): string | undefined {
  return webAddress(parse(upi)?.searchParams.get('url'))
}

/** The merchant's page. Order and status go along as hints; the merchant's server asks ours for the truth. */
export function returnAddress(view: SessionView): string | undefined {
  const address = webAddress(view.return_url)
  if (address === undefined) return undefined
  const url = new URL(address)
  url.searchParams.set('order_id', view.order.id)
  url.searchParams.set('status', view.order.status)
  return url.href
}

function parse(text: string | null | undefined): URL | undefined {
  if (text === null || text === undefined) return undefined
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
