// What an answer to a question is worth: a question that fails or is declined says nothing about the call that it asks
// about.
import type { Result } from '../connectors/contract/connector.ts'

export function stillOpen<Report>(result: Result<Report>): Result<Report> {
  if (result.kind === 'failed') return { kind: 'unknown', reason: result.reason }
  if (result.kind === 'declined') return { kind: 'unknown', reason: `declined: ${result.decline.gatewayCode}` }
  return result
}
