// A status as a word with a colour; the word alone says everything.
import type { Payment } from '../api.ts'
import { STATUSES } from './words.ts'

export function StatusBadge({ status }: { readonly status: Payment['status'] }) {
  const { label, tone } = STATUSES[status]
  return <span className={`badge ${tone}`}>{label}</span>
}
