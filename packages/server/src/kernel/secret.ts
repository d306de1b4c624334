// Secrets: values that grant something. A Secret prints as [secret] wherever it ends up by accident. Tokens carry 256
// random bits and are stored as a SHA-256 hash; what must be read back is sealed with AES-256-GCM under a key that
// is bound to the merchant and the field by the associated data.
import { createCipheriv, createDecipheriv, createHash, timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'
import { AppError, invariant } from './errors.ts'
import { systemRandomness } from './random.ts'

export type Secret = { reveal(): string; toString(): string; toJSON(): string }

export function secret(value: string): Secret {
  const hidden = () => '[secret]'
  return Object.freeze({ reveal: () => value, toString: hidden, toJSON: hidden, [inspect.custom]: hidden })
}

/** `prefix` + 64 hex digits: 256 bits from the operating system. Shown once, stored as a hash. */
export function createToken(prefix: string): string {
  return prefix + systemRandomness.bytes(32).toString('hex')
}

/** What is stored and looked up in place of a token. A plain hash suffices: the token has 256 bits. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest()
}

/** Constant-time comparison of two texts of any length. */
export function equalInConstantTime(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest()
  return timingSafeEqual(digest(a), digest(b))
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** AES-256-GCM: nonce, tag, ciphertext. `context` (merchant and field) must be the same when it is opened. */
export function seal(key: Buffer, plain: Buffer, context: string): Buffer {
  invariant(key.length === 32, 'A sealing key has 32 bytes.')
  const nonce = systemRandomness.bytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(context, 'utf8'))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

/** Opens what `seal` made. @throws AppError internal_error when the key, the context or a byte differs. */
export function open(key: Buffer, sealed: Buffer, context: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(context, 'utf8'))
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new AppError('internal_error', {}, { cause, internal: `A sealed value (${context}) cannot be opened.` })
  }
}
