// Makes the demo's sandbox account misbehave, for tests about what Purser makes of it.
import type { TestServer } from './start-server.ts'

async function faults(server: TestServer, method: string, body?: object): Promise<void> {
  const { account_id, admin_token } = server.demo.sandbox
  const response = await fetch(`${server.baseUrl}/sandbox/accounts/${account_id}/faults`, {
    method,
    headers: {
      authorization: `Bearer ${admin_token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`The fault was refused: ${await response.text()}`)
}

/** `times` null: until the faults are cleared. */
export function plantFault(server: TestServer, call: string, fault: string, times: number | null = 1): Promise<void> {
  return faults(server, 'POST', { match: { call }, fault, times })
}

export function clearFaults(server: TestServer): Promise<void> {
  return faults(server, 'DELETE')
}
