// What a merchant decides about the hosted page: logo, colour, the pages that may frame it, and cash on delivery.
import { AppError } from '../kernel/errors.ts'
import { insertAudit } from '../store/audit.ts'
import { lockPageSettings, readPageSettings, savePageSettings } from '../store/page-settings.ts'
import type { PageSettings } from '../store/page-settings.ts'
import { actorName } from './deps.ts'
import type { Actor, Deps } from './deps.ts'
import type { Idempotency } from './idempotent.ts'

export type UpdatePageSettings = Partial<PageSettings> & { readonly idempotency?: Idempotency }

export function getPageSettings(deps: Deps, actor: Actor): Promise<PageSettings> {
  return deps.store.inTransaction(actor.tenant, readPageSettings)
}

/** What is not named stays. @throws AppError field_invalid (not a picture), url_refused (not an origin) */
export async function updatePageSettings(deps: Deps, actor: Actor, command: UpdatePageSettings): Promise<PageSettings> {
  const { idempotency, ...change } = command
  if (typeof change.logo === 'string') assertPicture(change.logo)
  if (change.frameOrigins !== undefined) assertOrigins(change.frameOrigins)
  return deps.store.inTransaction(actor.tenant, async (tx) => {
    await idempotency?.claim(tx, actor.tenant.merchantId)
    const settings = { ...(await lockPageSettings(tx)), ...change }
    await savePageSettings(tx, settings)
    await insertAudit(tx, {
      actor: actorName(actor),
      action: 'payment_page.updated',
      objectId: actor.tenant.merchantId,
      requestId: actor.requestId,
      details: {
        changed: Object.keys(change),
        color: settings.color,
        has_logo: settings.logo !== null,
        frame_origins: settings.frameOrigins,
        cash_on_delivery_max: settings.cashOnDelivery?.minor.toString() ?? null,
        cash_on_delivery_currency: settings.cashOnDelivery?.currency ?? null,
      },
    })
    return settings
  })
}

/** Each exactly as a browser says it, because a browser compares it letter by letter. @throws AppError url_refused */
export function assertOrigins(origins: readonly string[]): void {
  for (const origin of origins) {
    const url = URL.canParse(origin) ? new URL(origin) : undefined
    if (url?.origin !== origin || !/^https?:$/.test(url.protocol)) {
      throw new AppError('url_refused', { field: 'frame_origins', reason: 'not_an_origin' })
    }
  }
}

const BEGINS: Readonly<Record<string, string>> = { png: '89504e470d0a1a0a', jpeg: 'ffd8ff', webp: '52494646' }

function assertPicture(logo: string): void {
  const [, kind = '', data = ''] = /^data:image\/([a-z]+);base64,(.*)$/.exec(logo) ?? []
  const begins = BEGINS[kind]
  if (begins !== undefined && Buffer.from(data, 'base64').toString('hex').startsWith(begins)) return
  throw new AppError('field_invalid', { field: 'logo', reason: 'not_a_picture_of_the_named_kind' })
}
