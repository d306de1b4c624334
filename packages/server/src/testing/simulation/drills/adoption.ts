// Two messages about one refund that somebody made at the gateway, applied at the same instant: both have looked and
// not found it before either has taken it in.
import { applyDueNotifications } from '../../../jobs/apply-notifications.ts'
import type { Deps } from '../../../operations/deps.ts'
import type { Tx } from '../../../store/db.ts'
import { gate } from './stage.ts'
import type { Drill, Stage } from './stage.ts'

const PART = 400n
const LOCKS_AN_ORDER = /from orders\b[\s\S]*\bfor update/

/** Surroundings in which everybody meets before the lock of the order, and goes on once all are there. */
function meeting(stage: Stage, count: number) {
  const everybody = gate()
  let there = 0
  const { store } = stage.till.deps
  const inTransaction: typeof store.inTransaction = (tenant, work) =>
    store.inTransaction(tenant, (tx) => {
      let isFirst = true
      const query = (async (text: string, values?: readonly unknown[]) => {
        if (isFirst && LOCKS_AN_ORDER.test(text)) {
          isFirst = false
          there += 1
          if (there === count) everybody.open()
          await everybody.pass()
        }
        return tx.query(text, values)
      }) as Tx['query']
      return work({ ...tx, query })
    })
  const deps: Deps = { ...stage.till.deps, store: { ...store, inTransaction } }
  return {
    met: () => there,
    // Who ends without coming there keeps nobody waiting.
    apply: () => applyDueNotifications(deps, 1).finally(() => everybody.open()),
  }
}

const twice: Drill = {
  name: 'two messages about one refund of the gateway at the same instant',
  play: async (stage) => {
    const paymentId = await stage.pay(await stage.order('automatic'))
    await stage.hear()
    const id = stage.gateway.payment({ reference: paymentId })?.id ?? ''
    const made = stage.gateway.refund({ paymentId: id, reference: null, amount: PART })
    if ('refused' in made) throw new Error(`The gateway refused the refund: ${made.refused}`)
    stage.gateway.settleRefund(made.id, 'RETURNED')
    await stage.receive()
    const { apply, met } = meeting(stage, 2)
    await Promise.all([apply(), apply()])
    stage.expect(met() === 2, `${met()} of two came to the order: the drill drilled nothing`)
    const refunds = await stage.rows(`select id from purser.refunds where payment_id = $1`, paymentId)
    stage.expect(refunds.length === 1, `I5 one refund of the gateway was taken in ${refunds.length} times`)
    await stage.hear()
  },
}

export const ADOPTION_DRILLS: readonly Drill[] = [twice]
