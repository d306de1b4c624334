// Settings of the hosted page, over the native API.
import { PageSettings, UpdatePageSettings } from '@purser/protocol'
import { getPageSettings, updatePageSettings } from '../../operations/page-settings.ts'
import { defined } from '../contract/defined.ts'
import { read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'

const tag = 'Payment page'

function settingsJson({ logo, color, frameOrigins }: Awaited<ReturnType<typeof getPageSettings>>) {
  return { object: 'payment_page_settings' as const, logo, color, frame_origins: frameOrigins }
}

export const paymentPageRoutes: readonly Route[] = [
  read({
    path: '/v1/payment-page',
    access: { kind: 'merchant', scope: 'read' },
    tag,
    summary: 'How the payment page looks and where it may be framed',
    reply: PageSettings,
    read: async (deps, { actor }) => settingsJson(await getPageSettings(deps, actor)),
  }),
  write({
    path: '/v1/payment-page',
    access: { kind: 'merchant', scope: 'settings' },
    tag,
    summary: 'Change how the payment page looks and where it may be framed',
    body: UpdatePageSettings,
    reply: PageSettings,
    act: (deps, { actor, body, idempotency }) =>
      updatePageSettings(deps, actor, {
        ...defined({ logo: body.logo, color: body.color, frameOrigins: body.frame_origins }),
        idempotency,
      }),
    resume: (deps, { actor }) => getPageSettings(deps, actor),
    answer: settingsJson,
  }),
]
