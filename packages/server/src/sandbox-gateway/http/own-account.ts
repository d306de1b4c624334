// What a merchant may do to its own account with its own key: read and move the account's clock. A real gateway has no
// such thing; here days must pass in a moment, for whoever tests against it.
import { Type } from 'typebox'
import type { FastifyInstance } from 'fastify'
import { delay } from '../../kernel/clock.ts'
import { accountNow } from '../actions/context.ts'
import { advanceClock } from '../actions/settle-due.ts'
import { GatewayRefusal } from '../refusal.ts'
import { countUnsent, nextForClockInMs } from '../store/account-clock.ts'
import type { Account } from '../store/accounts.ts'
import { findAccount } from '../store/accounts.ts'
import { nextSettlementInMs } from '../store/settlements.ts'
import { authenticate } from './answer.ts'
import type { GatewayContext } from './context.ts'
import { reader } from './shapes.ts'

const LONGEST_ADVANCE_MS = 400 * 86_400_000

// Where the clock shall stand, not by how much it shall move: asking twice, or two at once, is the same as asking once.
const readAdvance = reader(Type.Object({ offset_ms: Type.Integer({ minimum: 0 }) }, { additionalProperties: false }))

export function ownAccountRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.get('/v1/clock', async (request) => clockView(context, await authenticate(context, request)))

  app.post('/v1/clock', async (request) => {
    const account = await authenticate(context, request)
    const { offset_ms: offsetMs } = readAdvance(request.body)
    if (offsetMs - account.clockOffsetMs > LONGEST_ADVANCE_MS) {
      throw new GatewayRefusal('BAD_REQUEST', 'offset_ms')
    }
    await advanceClock(context, account.id, offsetMs)
    context.nudge('both')
    await untilTold(context, account.id)
    return clockView(context, (await findAccount(context.pool, account.id)) ?? account)
  })
}

async function clockView(context: GatewayContext, account: Account) {
  const payout = await nextSettlementInMs(context.pool, account.id)
  const waits = [await nextForClockInMs(context.pool, account.id), payout === 0 ? null : payout]
  const known = waits.filter((wait) => wait !== null)
  return {
    now: accountNow(context, account).toISOString(),
    offset_ms: account.clockOffsetMs,
    next_due_in_ms: known.length === 0 ? null : Math.min(...known),
  }
}

// Long enough for a receiver that answers; one that does not is told later, like anybody.
const PATIENCE_MS = 2_000
const LOOK_AGAIN_MS = 10

/** Waits until everybody was told of what came due, so that whoever moves the clock on finds it known. */
async function untilTold(context: GatewayContext, accountId: string): Promise<void> {
  const deadline = context.clock.monotonicMs() + PATIENCE_MS
  while ((await countUnsent(context.pool, accountId)) > 0 && context.clock.monotonicMs() < deadline) {
    await delay(LOOK_AGAIN_MS, context.closing)
    if (context.closing.aborted) return
  }
}
