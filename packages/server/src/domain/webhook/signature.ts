// Standard Webhooks 1.0, to the letter: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, keyed with the
// bytes behind `whsec_`, not with its text. While a secret is being replaced both sign, so that a receiver may change
// over at any moment; the header then holds two signatures parted by a blank.
import { invariant } from '../../kernel/errors.ts'
import { hmacSha256 } from '../../kernel/hmac.ts'
import { systemRandomness } from '../../kernel/random.ts'

const PREFIX = 'whsec_'
const SECRET_BYTES = 32

/** A fresh secret: 256 bits from the operating system. Shown once. */
export function createWebhookSecret(): string {
  return PREFIX + systemRandomness.bytes(SECRET_BYTES).toString('base64')
}

export type SignedMessage = {
  /** The event's id: the same on every try and every resend, for receivers that drop repeats. */
  readonly id: string
  /** Real time of this try. Receivers refuse what is minutes off. */
  readonly at: Date
  /** The exact text that is sent. */
  readonly body: string
  /** The newest first. */
  readonly secrets: readonly string[]
}

/** The three headers that go with the body. */
export function signatureHeaders(message: SignedMessage): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(message.at.getTime() / 1_000))
  const signed = `${message.id}.${timestamp}.${message.body}`
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': message.secrets
      .map((secret) => `v1,${hmacSha256(secretBytes(secret), signed).toString('base64')}`)
      .join(' '),
  }
}

function secretBytes(secret: string): Buffer {
  const bytes = Buffer.from(secret.slice(PREFIX.length), 'base64')
  // An empty key would sign for anyone.
  invariant(secret.startsWith(PREFIX) && bytes.length >= 24, 'A webhook secret is whsec_ and at least 24 bytes.')
  return bytes
}
