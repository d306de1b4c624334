// A fresh self-signed certificate for a TLS listener in a test. Node can sign but not write X.509, so the few DER
// structures are put together here; no binary and no committed private key is needed.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export type TestCertificate = {
  /** PEM. Also what a client has to trust. */
  readonly cert: string
  /** PEM. */
  readonly key: string
}

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OBJECT_ID = 0x06
const UTF8_STRING = 0x0c
const GENERALIZED_TIME = 0x18
const DNS_NAME = 0x82
const EXPLICIT_0 = 0xa0
const EXPLICIT_3 = 0xa3

const ECDSA_WITH_SHA256 = '2a8648ce3d040302'
const COMMON_NAME = '550403'
const SUBJECT_ALT_NAME = '551d11'

/** For these DNS names. `expired` ends it in the year 2001. */
export function selfSignedCertificate(names: readonly string[], options: { expired?: boolean } = {}): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(SEQUENCE, der(OBJECT_ID, hex(ECDSA_WITH_SHA256)))
  const name = der(
    SEQUENCE,
    der(SET, der(SEQUENCE, der(OBJECT_ID, hex(COMMON_NAME)), der(UTF8_STRING, Buffer.from('purser test')))),
  )
  const validity = der(SEQUENCE, time('20000101000000Z'), time(options.expired ? '20010101000000Z' : '20990101000000Z'))
  const altNames = der(SEQUENCE, ...names.map((it) => der(DNS_NAME, Buffer.from(it))))
  const extension = der(SEQUENCE, der(OBJECT_ID, hex(SUBJECT_ALT_NAME)), der(OCTET_STRING, altNames))
  const content = der(
    SEQUENCE,
    der(EXPLICIT_0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(EXPLICIT_3, der(SEQUENCE, extension)),
  )
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', content, privateKey))
  const base64 = der(SEQUENCE, content, algorithm, signature).toString('base64')
  const lines = base64.match(/.{1,64}/g) ?? []
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content])
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content])
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

function time(text: string): Buffer {
  return der(GENERALIZED_TIME, Buffer.from(text))
}
