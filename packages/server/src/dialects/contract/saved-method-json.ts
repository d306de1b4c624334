// A saved method as JSON: what its payer is shown, and what else the merchant may know. Never its name at the gateway.
import type { SavedMethodId } from '../../kernel/ids.ts'
import type { SavedMethod } from '../../domain/customer/saved-method.ts'

export function sdkSavedMethodJson(saved: SavedMethod) {
  return {
    id: saved.id,
    object: 'saved_method' as const,
    kind: saved.kind,
    network: saved.network,
    issuer: saved.issuer,
    last_four: saved.lastFour,
    expiry_month: saved.expiry?.month ?? null,
    expiry_year: saved.expiry?.year ?? null,
    vpa: saved.vpaMasked,
    wallet: saved.wallet,
    last_used_at: saved.lastUsedAt.toISOString(),
  }
}

export function savedMethodJson(saved: SavedMethod) {
  return {
    ...sdkSavedMethodJson(saved),
    customer_id: saved.customerId,
    gateway_account_id: saved.gatewayAccountId,
    funding: saved.funding,
    bin: saved.bin,
    created_at: saved.createdAt.toISOString(),
  }
}

export function deletedSavedMethodJson(id: SavedMethodId) {
  return { id, object: 'saved_method' as const, deleted: true as const }
}
