// Why the sandbox's bank says no, in the words of its own wire: two characters, as card networks have them, with an A
// in front where the payer's authentication failed. The connector translates them; nothing else may know them.

export const REJECTIONS = {
  '51': { slug: 'insufficient_funds', text: 'Not enough money' },
  '61': { slug: 'limit_exceeded', text: 'Over a limit' },
  '05': { slug: 'do_not_honor', text: 'Do not honor' },
  '54': { slug: 'expired_card', text: 'Card expired' },
  '43': { slug: 'card_blocked', text: 'Card blocked' },
  '14': { slug: 'instrument_invalid', text: 'Details not known' },
  '91': { slug: 'issuer_unavailable', text: 'Bank cannot be reached' },
  '57': { slug: 'not_permitted', text: 'Not permitted' },
  A1: { slug: 'authentication_failed', text: 'Authentication failed' },
  A2: { slug: 'authentication_timed_out', text: 'Authentication timed out' },
  A9: { slug: 'canceled_by_payer', text: 'Stopped by the payer' },
  '59': { slug: 'suspected_fraud', text: 'Suspected fraud' },
  '96': { slug: 'other', text: 'System malfunction' },
} as const

export type RejectionCode = keyof typeof REJECTIONS

export function isRejectionCode(text: string): text is RejectionCode {
  return Object.hasOwn(REJECTIONS, text)
}
