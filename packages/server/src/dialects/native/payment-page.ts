// Settings of the hosted page, over the native API.
import { PageSettings, UpdatePageSettings } from '@purser/protocol'
import { parseCurrency } from '../../kernel/currencies.ts'
import type { Currency, Money } from '../../kernel/money.ts'
import { getPageSettings, updatePageSettings } from '../../operations/page-settings.ts'
import { defined } from '../contract/defined.ts'
import { read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { pageSettingsJson } from './words.ts'

const tag = 'Payment page'

type Asked = UpdatePageSettings['cash_on_delivery']

function cashIn(asked: Asked, amountAt: (path: readonly string[], currency: Currency) => Money) {
  if (asked === undefined || asked === null) return asked
  return amountAt(['cash_on_delivery', 'max_amount'], parseCurrency(asked.currency))
}

export const paymentPageRoutes: readonly Route[] = [
  read({
    path: '/v1/payment-page',
    access: { kind: 'merchant', scope: 'read' },
    tag,
    summary: 'How the payment page looks and where it may be framed',
    reply: PageSettings,
    read: async (deps, { actor }) => pageSettingsJson(await getPageSettings(deps, actor)),
  }),
  write({
    path: '/v1/payment-page',
    access: { kind: 'merchant', scope: 'settings' },
    tag,
    summary: 'Change how the payment page looks and where it may be framed',
    body: UpdatePageSettings,
    reply: PageSettings,
    act: (deps, { actor, body, amountAt, idempotency }) =>
      updatePageSettings(deps, actor, {
        ...defined({ logo: body.logo, color: body.color, frameOrigins: body.frame_origins }),
        ...defined({ cashOnDelivery: cashIn(body.cash_on_delivery, amountAt) }),
        idempotency,
      }),
    resume: (deps, { actor }) => getPageSettings(deps, actor),
    answer: pageSettingsJson,
  }),
]
