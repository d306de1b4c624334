// A certificate for localhost and 127.0.0.1 with its key, made in memory for TLS servers in tests.
import selfsigned from 'selfsigned'
import type { TlsFiles } from '../http/tls-listener.ts'

export async function makeTlsPair(): Promise<TlsFiles> {
  const made = await selfsigned.generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { cert: made.cert, key: made.private }
}
