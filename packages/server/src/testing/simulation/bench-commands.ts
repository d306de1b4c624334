// Commands beside paying, capturing and refunding: cash at the door, charges of a mandate, a person who decides what
// nobody can tell, settlement files.
import fc from 'fast-check'
import { AppError } from '../../kernel/errors.ts'
import { money } from '../../kernel/money.ts'
import { chargeMandate } from '../../operations/charge-mandate.ts'
import { collectPayment } from '../../operations/collect-payment.ts'
import { reconcile } from '../../operations/reconcile.ts'
import { resolvePayment } from '../../operations/resolve-operation.ts'
import { startPayment } from '../../operations/start-payment.ts'
import { AMOUNT, attempt, command, orderAt } from './bench.ts'
import type { Bench } from './bench.ts'
import { lookUp } from './counter.ts'
import type { Outcome } from './gateway-model.ts'

const at = fc.nat(3)
const part = fc.bigInt(1n, AMOUNT + 50n)

const order = at.map((index) =>
  command('cash on delivery', `cash on delivery for ${index}`, (bench) =>
    startPayment(bench.till.deps, bench.till.actor, {
      orderId: orderAt(bench, index),
      instrument: { method: 'cash_on_delivery' },
    }),
  ),
)

const collect = fc.record({ at, part }).map((how) =>
  command('collect', `collect ${how.part} of ${how.at}`, async (bench) => {
    const { deps, actor } = bench.till
    const { id: paymentId } = await attempt(bench, how.at, 'requires_action')
    const amount = money(how.part, 'INR')
    await collectPayment(deps, actor, { paymentId, amount, collectedAt: deps.clock.now(), collectedBy: 'Asha' })
  }),
)

let charges = 0
const charge = fc
  .record({
    part,
    outcome: fc.constantFrom<Outcome>('approve', 'approve', 'reject', 'pending'),
    isLost: fc.boolean(),
  })
  .map((how) =>
    command('charge a mandate', `charge ${how.part}${how.isLost ? ', lost' : ''}`, async (bench) => {
      bench.wire = { outcome: how.outcome, isLost: how.isLost }
      charges += 1
      const amount = money(how.part, 'INR')
      const { deps, actor } = bench.till
      await chargeMandate(deps, actor, { mandateId: bench.mandateId, reference: `charge-${charges}`, amount })
    }),
  )

/** The gateway answers nobody, and somebody looks into its book: what stands there is what is decided. */
const resolve = at.map((index) =>
  command('decide by a person', `a person decides ${index}`, async (bench) => {
    const { deps, actor } = bench.till
    const { id: paymentId } = await attempt(bench, index, 'unknown')
    const seen = lookUp(bench.gateway, paymentId)
    if (seen === undefined || seen.outcome === 'voided') throw new AppError('payment_not_found')
    bench.wire = { ...bench.wire, isSilent: true }
    try {
      await resolvePayment(deps, actor, { paymentId, ...seen, evidence: 'statement 7', reason: 'It stands there.' })
    } finally {
      bench.wire = { ...bench.wire, isSilent: false }
    }
  }),
)

const settle = fc.constant(command('settlement file', 'a settlement file', paidOut))

/** What was taken and returned so far is paid out, and the file imported. */
export async function paidOut({ till: { deps, actor }, counter }: Bench): Promise<void> {
  counter.payOut()
  const { status } = await reconcile(deps, actor, { trigger: 'request' })
  if (status !== 'done') throw new Error(`The settlement files were not imported: ${status}`)
}

export const FURTHER_COMMANDS = [order, collect, charge, charge, resolve, settle] as const
