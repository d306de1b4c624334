// How a merchant's payment page looks and where it may be framed. Columns of the merchant, the same in both modes.
import { AppError } from '../kernel/errors.ts'
import type { Tx } from './db.ts'

export type PageSettings = {
  /** A data URI. */
  readonly logo: string | null
  /** `#rrggbb`, lower case. */
  readonly color: string | null
  /** Origins that a live session may name. */
  readonly frameOrigins: readonly string[]
}

const COLUMNS = 'page_logo as logo, page_color as color, page_origins as "frameOrigins"'

export async function readPageSettings(tx: Tx): Promise<PageSettings> {
  const { rows } = await tx.query<PageSettings>(`select ${COLUMNS} from merchants where id = $1`, [
    tx.tenant.merchantId,
  ])
  if (rows[0] === undefined) throw new AppError('credentials_invalid')
  return rows[0]
}

/** The settings as they are for whoever changes them: nobody else does meanwhile. */
export async function lockPageSettings(tx: Tx): Promise<PageSettings> {
  await tx.query('select from merchants where id = $1 for no key update', [tx.tenant.merchantId])
  return readPageSettings(tx)
}

export async function savePageSettings(tx: Tx, settings: PageSettings): Promise<void> {
  await tx.query('update merchants set page_logo = $2, page_color = $3, page_origins = $4 where id = $1', [
    tx.tenant.merchantId,
    settings.logo,
    settings.color,
    settings.frameOrigins,
  ])
}
