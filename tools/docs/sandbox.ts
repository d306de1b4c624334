// docs/reference/sandbox.md: every test instrument and what it does, from the table that the sandbox itself obeys.
import { SANDBOX_INSTRUMENTS } from '../../packages/server/src/sandbox-gateway/instruments.ts'
import type { InstrumentMethod } from '../../packages/server/src/sandbox-gateway/instruments.ts'
import { code, document, table } from './markdown.ts'

const INTRODUCTION = `The sandbox is a gateway with a book of its own that Purser speaks to over HTTP, as to any other. In test mode it obeys the
instrument that is paid with. An instrument is a name, never a card number. Waits are on the sandbox account's clock.`

const METHODS: Readonly<Record<InstrumentMethod, { title: string; use: string }>> = {
  card: { title: 'Cards', use: '`{ "method": "card", "token": "tok_approve" }`' },
  upi: {
    title: 'UPI',
    use: '`{ "method": "upi", "flow": "collect", "vpa": "success@sandbox" }`, or `"flow": "intent"` and `"qr"` without a `vpa`',
  },
  netbanking: { title: 'Net banking', use: '`{ "method": "netbanking", "bank": "sandbox_bank" }`' },
  wallet: { title: 'Wallets', use: '`{ "method": "wallet", "wallet": "sandbox_wallet" }`' },
}

export function sandboxDocument(): string {
  const parts = Object.entries(METHODS).flatMap(([method, { title, use }]) => {
    const rows = SANDBOX_INSTRUMENTS.filter((instrument) => instrument.method === method)
    return [
      `## ${title}`,
      `As \`instrument\`: ${use}.`,
      table(
        ['Name', 'Shown as', 'What happens'],
        rows.map(({ key, name, lastFour, does }) => [
          code(key),
          lastFour === undefined ? name : `${name} (…${lastFour})`,
          does,
        ]),
      ),
    ]
  })
  return document('Sandbox', 'packages/server/src/sandbox-gateway/instruments.ts', INTRODUCTION, ...parts)
}
