// What a payer's bank does at the sandbox gateway, and what its operator plans: calls behind the admin token.
import type { TestServer } from './start-server.ts'

export async function askBank(
  server: Pick<TestServer, 'baseUrl' | 'demo'>,
  path: string,
  body: object,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const { account_id, admin_token } = server.demo.sandbox
  const response = await fetch(`${server.baseUrl}/sandbox/accounts/${account_id}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin_token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
