// Who is asking: a token becomes an actor. One table, one hash look-up, whatever the kind; what is revoked, expired or
// unknown answers alike.
import { hash as hashPassword, verify as verifyPassword } from '@node-rs/argon2'
import { addMs } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import type { Tenant } from '../kernel/ids.ts'
import { createToken, hashToken } from '../kernel/secret.ts'
import { findCredential, insertCredential, revokeCredential } from '../store/credentials.ts'
import type { CredentialKind } from '../store/credentials.ts'
import { findUserByEmail } from '../store/merchants.ts'
import type { User } from '../store/merchants.ts'
import { SCOPES } from './deps.ts'
import type { Actor, Deps, Scope } from './deps.ts'

export type Identity = Omit<Actor, 'requestId'> & { readonly credential: CredentialKind }

const TOKEN_SHAPE = /^[a-z_]{2,24}_?[0-9a-f]{64}$/

/** Undefined when the token grants nothing: unknown, revoked, expired or malformed, all alike. */
export async function authenticate(deps: Deps, token: string): Promise<Identity | undefined> {
  if (!TOKEN_SHAPE.test(token)) return undefined
  const found = await findCredential(deps.store.queue, hashToken(token))
  if (found === undefined) return undefined
  if (found.mode === 'live' && !deps.live) return undefined
  return {
    tenant: { merchantId: found.merchantId, mode: found.mode },
    kind: ACTOR_KIND[found.kind],
    id: found.subjectId,
    scopes: SCOPES.filter((scope) => found.scopes.includes(scope)),
    credential: found.kind,
  }
}

const ACTOR_KIND: Record<CredentialKind, Actor['kind']> = {
  secret_key: 'key',
  publishable_key: 'key',
  client_token: 'session',
  sign_in: 'user',
  receipt_link: 'session',
  customer_token: 'session',
}

const SIGN_IN_MS = 12 * 60 * 60 * 1_000

const SCOPES_OF_ROLE: Record<User['role'], readonly Scope[]> = {
  owner: ['read', 'orders', 'payments', 'refunds', 'webhooks', 'settings'],
  finance: ['read', 'refunds'],
  support: ['read'],
  developer: ['read', 'orders', 'payments', 'webhooks'],
}

/** The same work for an unknown address as for a wrong password. @throws AppError sign_in_refused */
export async function signIn(
  deps: Deps,
  email: string,
  password: string,
): Promise<{ token: string; expiresAt: Date; user: Pick<User, 'id' | 'email' | 'role'> }> {
  const user = await findUserByEmail(deps.store.queue, email)
  const matches = await verifyPassword(user?.passwordHash ?? (await nobody()), password).catch(() => false)
  if (user === undefined || !matches) throw new AppError('sign_in_refused')
  // The demo has one mode; a live dashboard chooses it at sign-in.
  const tenant: Tenant = { merchantId: user.merchantId, mode: 'test' }
  const token = createToken('si_')
  const expiresAt = await deps.store.inTransaction(tenant, async (tx) => {
    const until = addMs(tx.now, SIGN_IN_MS)
    await insertCredential(tx, {
      hash: hashToken(token),
      kind: 'sign_in',
      subjectId: user.id,
      scopes: SCOPES_OF_ROLE[user.role],
      expiresAt: until,
    })
    return until
  })
  return { token, expiresAt, user: { id: user.id, email: user.email, role: user.role } }
}

export async function signOut(deps: Deps, actor: Actor, token: string): Promise<void> {
  await deps.store.inTransaction(actor.tenant, (tx) => revokeCredential(tx, hashToken(token)))
}

let hashOfNobody: Promise<string> | undefined

function nobody(): Promise<string> {
  hashOfNobody ??= hashPassword(createToken('nobody_'))
  return hashOfNobody
}
