// The keys by which anyone can check what Purser signed for a merchant, in both modes: retired ones too, because what
// they signed may still be under way.
import { AppError } from '../kernel/errors.ts'
import { MODES } from '../kernel/ids.ts'
import type { MerchantId, SigningKeyId } from '../kernel/ids.ts'
import { listSigningKeys } from '../store/merchants.ts'
import type { Deps } from './deps.ts'

/** PEM. None for a merchant that does not exist. */
export async function readPublicKeys(
  deps: Deps,
  merchantId: MerchantId,
): Promise<readonly { readonly id: SigningKeyId; readonly publicKey: string }[]> {
  const keys = await Promise.all(
    MODES.map((mode) => deps.store.inTransaction({ merchantId, mode }, listSigningKeys).catch(noneOfNobody)),
  )
  return keys.flat()
}

function noneOfNobody(error: unknown): [] {
  if (error instanceof AppError && error.code === 'credentials_invalid') return []
  throw error
}
