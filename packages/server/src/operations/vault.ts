// Seals what must be read back. Each merchant has a data key of its own, wrapped by the master key; the place a value
// is kept in is part of the seal, so a sealed value moved elsewhere does not open.
import { invariant } from '../kernel/errors.ts'
import type { MerchantId } from '../kernel/ids.ts'
import { systemRandomness } from '../kernel/random.ts'
import { open, seal } from '../kernel/secret.ts'
import type { Tx } from '../store/db.ts'
import { readMerchant } from '../store/merchants.ts'
import type { Vault } from './deps.ts'

/** `masterKey`: 32 bytes. */
export function createVault(masterKey: Buffer): Vault {
  invariant(masterKey.length === 32, 'A master key has 32 bytes.')
  const dataKeys = new Map<MerchantId, Buffer>()

  async function dataKey(tx: Tx): Promise<Buffer> {
    const { merchantId } = tx.tenant
    const known = dataKeys.get(merchantId)
    if (known !== undefined) return known
    const merchant = await readMerchant(tx)
    const key = open(masterKey, merchant.dataKeySealed, contextOfDataKey(merchantId))
    dataKeys.set(merchantId, key)
    return key
  }

  return {
    seal: async (tx, field, plain) => seal(await dataKey(tx), Buffer.from(plain, 'utf8'), contextOf(tx, field)),
    open: async (tx, field, sealed) => open(await dataKey(tx), sealed, contextOf(tx, field)).toString('utf8'),
    createDataKey: (merchantId) => seal(masterKey, systemRandomness.bytes(32), contextOfDataKey(merchantId)),
  }
}

const contextOf = (tx: Tx, field: string) => `${tx.tenant.merchantId}/${tx.tenant.mode}/${field}`
const contextOfDataKey = (merchantId: MerchantId) => `${merchantId}/data_key`
