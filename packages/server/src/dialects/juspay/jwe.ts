// A signature inside an encryption: the JWS (RS256) of a JSON text, encrypted as JWE (A256GCM under RSA-OAEP), both in
// the JSON form that published clients send, or in the compact form under `JWT`. Easy to get wrong: the vendor's Node
// client encrypts with OAEP over SHA-1 and decrypts with SHA-256. So a request is opened with the hash that its header
// names, then with the other one; answers are always SHA-256. Whatever is wrong with a request, it gets the same
// answer: which step failed is nobody's business.
import { constants, createCipheriv, createDecipheriv, privateDecrypt, publicEncrypt } from 'node:crypto'
import { AppError } from '../../kernel/errors.ts'
import { parseJson } from '../../kernel/json.ts'
import { systemRandomness } from '../../kernel/random.ts'
import { isSignedBy, signText } from '../../operations/sign-payload.ts'

export type Keys = {
  readonly keyId: string
  /** PEM: what the other side signs with. */
  readonly theirPublicKey: string
  /** PEM: what we decrypt and sign with. */
  readonly ownPrivateKey: string
}

/** As it arrived: five pieces in base64url. */
export type Envelope = {
  readonly keyId: string
  readonly isCompact: boolean
  readonly header: string
  readonly encryptedKey: string
  readonly iv: string
  readonly encryptedPayload: string
  readonly tag: string
  readonly alg: string
}

const PIECES = ['header', 'encryptedKey', 'iv', 'encryptedPayload', 'tag'] as const
const malformed = () => new AppError('request_malformed', { field: 'body', reason: 'is no JWE that can be opened' })

/** Reads the outside, which names the key. @throws AppError request_malformed */
export function readEnvelope(body: Buffer | string): Envelope {
  const outside = objectIn(body)
  const compact = typeof outside['JWT'] === 'string' ? outside['JWT'].split('.') : undefined
  const pieces = compact ?? PIECES.map((name) => outside[name])
  if (pieces.length !== PIECES.length || !pieces.every(isBase64Url)) throw malformed()
  const [header, encryptedKey, iv, encryptedPayload, tag] = pieces as [string, string, string, string, string]
  const { alg, enc, kid } = objectIn(fromBase64Url(header))
  const isKnown = (alg === 'RSA-OAEP' || alg === 'RSA-OAEP-256') && enc === 'A256GCM'
  if (!isKnown || typeof kid !== 'string') throw malformed()
  return { keyId: kid, isCompact: compact !== undefined, header, encryptedKey, iv, encryptedPayload, tag, alg }
}

/** The signed text. @throws AppError request_malformed, signature_invalid */
export async function openEnvelope(envelope: Envelope, keys: Keys): Promise<string> {
  const jws = decrypt(envelope, keys.ownPrivateKey)
  const { header, payload, signature } = jwsPieces(jws)
  const { alg, kid } = objectIn(fromBase64Url(header))
  if (alg !== 'RS256' || kid !== keys.keyId) throw new AppError('signature_invalid')
  const standard = fromBase64Url(signature).toString('base64')
  if (!(await isSignedBy(`${header}.${payload}`, standard, keys.theirPublicKey)))
    throw new AppError('signature_invalid')
  return fromBase64Url(payload).toString('utf8')
}

/** Our answer, in the form of the request. */
export async function sealAnswer(text: string, keys: Keys, isCompact: boolean): Promise<string> {
  const header = toBase64Url(JSON.stringify({ alg: 'RS256', kid: keys.keyId }))
  const payload = toBase64Url(text)
  const signature = toBase64Url(Buffer.from(await signText(`${header}.${payload}`, keys.ownPrivateKey), 'base64'))
  const jws = isCompact ? `${header}.${payload}.${signature}` : JSON.stringify({ header, payload, signature })
  const jwe = encrypt(jws, keys)
  return JSON.stringify(isCompact ? { JWT: PIECES.map((name) => jwe[name]).join('.') } : jwe)
}

function decrypt({ header, encryptedKey, iv, encryptedPayload, tag, alg }: Envelope, privateKey: string): string {
  const [named, other] = alg === 'RSA-OAEP' ? (['sha1', 'sha256'] as const) : (['sha256', 'sha1'] as const)
  const contentKey = unwrap(encryptedKey, privateKey, named) ?? unwrap(encryptedKey, privateKey, other)
  try {
    if (contentKey?.length !== 32) throw malformed()
    const decipher = createDecipheriv('aes-256-gcm', contentKey, fromBase64Url(iv), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(header, 'ascii'))
    decipher.setAuthTag(fromBase64Url(tag))
    return Buffer.concat([decipher.update(fromBase64Url(encryptedPayload)), decipher.final()]).toString('utf8')
  } catch {
    throw malformed()
  }
}

function unwrap(encryptedKey: string, key: string, oaepHash: 'sha1' | 'sha256'): Buffer | undefined {
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, fromBase64Url(encryptedKey))
  } catch {
    return undefined
  }
}

function encrypt(text: string, { keyId, theirPublicKey }: Keys): Readonly<Record<(typeof PIECES)[number], string>> {
  const header = toBase64Url(JSON.stringify({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: keyId }))
  const contentKey = systemRandomness.bytes(32)
  const iv = systemRandomness.bytes(12)
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv)
  cipher.setAAD(Buffer.from(header, 'ascii'))
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  const wrapped = publicEncrypt({ key: theirPublicKey, padding, oaepHash: 'sha256' }, contentKey)
  return {
    header,
    encryptedKey: toBase64Url(wrapped),
    iv: toBase64Url(iv),
    encryptedPayload: toBase64Url(encrypted),
    tag: toBase64Url(cipher.getAuthTag()),
  }
}

function jwsPieces(text: string): { header: string; payload: string; signature: string } {
  const compact = text.split('.')
  if (compact.length === 3 && compact.every(isBase64Url)) {
    const [header = '', payload = '', signature = ''] = compact
    return { header, payload, signature }
  }
  const { header, payload, signature } = objectIn(text)
  if (!isBase64Url(header) || !isBase64Url(payload) || !isBase64Url(signature)) throw malformed()
  return { header, payload, signature }
}

function objectIn(text: Buffer | string): Readonly<Record<string, unknown>> {
  try {
    const { value } = parseJson(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Told like everything else that is wrong here.
  }
  throw malformed()
}

const isBase64Url = (text: unknown): text is string => typeof text === 'string' && /^[\w-]+={0,2}$/.test(text)
const fromBase64Url = (text: string) => Buffer.from(text, 'base64url')
const toBase64Url = (data: Buffer | string) => Buffer.from(data).toString('base64url')
