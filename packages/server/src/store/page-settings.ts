// How a merchant's payment page looks and where it may be framed. Columns of the merchant, the same in both modes.
import { AppError } from '../kernel/errors.ts'
import { isCurrency } from '../kernel/currencies.ts'
import { money } from '../kernel/money.ts'
import type { Money } from '../kernel/money.ts'
import type { Tx } from './db.ts'

export type PageSettings = {
  /** A data URI. */
  readonly logo: string | null
  /** `#rrggbb`, lower case. */
  readonly color: string | null
  /** Origins that a live session may name. */
  readonly frameOrigins: readonly string[]
  /** Up to how much an order may be paid in cash when it is delivered; null: not at all. */
  readonly cashOnDelivery: Money | null
}

const COLUMNS = `page_logo as logo, page_color as color, page_origins as "frameOrigins", cash_on_delivery_max,
  cash_on_delivery_currency`

type SettingsRow = Omit<PageSettings, 'cashOnDelivery'> & {
  // Postgres sends bigint as text; it stays exact.
  cash_on_delivery_max: string | null
  cash_on_delivery_currency: string | null
}

export async function readPageSettings(tx: Tx): Promise<PageSettings> {
  const { rows } = await tx.query<SettingsRow>(`select ${COLUMNS} from merchants where id = $1`, [tx.tenant.merchantId])
  if (rows[0] === undefined) throw new AppError('credentials_invalid')
  const { cash_on_delivery_max: max, cash_on_delivery_currency: currency, ...settings } = rows[0]
  const cashOnDelivery =
    max === null || currency === null || !isCurrency(currency) ? null : money(BigInt(max), currency)
  return { ...settings, cashOnDelivery }
}

/** The settings as they are for whoever changes them: nobody else does meanwhile. */
export async function lockPageSettings(tx: Tx): Promise<PageSettings> {
  await tx.query('select from merchants where id = $1 for no key update', [tx.tenant.merchantId])
  return readPageSettings(tx)
}

export async function savePageSettings(tx: Tx, settings: PageSettings): Promise<void> {
  await tx.query(
    `update merchants set page_logo = $2, page_color = $3, page_origins = $4, cash_on_delivery_max = $5,
       cash_on_delivery_currency = $6 where id = $1`,
    [
      tx.tenant.merchantId,
      settings.logo,
      settings.color,
      settings.frameOrigins,
      settings.cashOnDelivery?.minor ?? null,
      settings.cashOnDelivery?.currency ?? null,
    ],
  )
}
