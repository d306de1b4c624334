// The certificate and the key that TLS is served with, read and looked at before anything starts: a pair that does not
// work is told by the name of its setting, and not by the first client that cannot connect.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { ConfigError } from './config.ts'
import type { Config } from './config.ts'
import type { TlsFiles } from './http/tls-listener.ts'

/** @throws ConfigError with every problem at once */
export async function readTlsFiles(paths: NonNullable<Config['tls']>): Promise<TlsFiles> {
  const problems: string[] = []
  const cert = await read('PURSER_TLS_CERT', paths.cert, problems)
  const key = await read('PURSER_TLS_KEY', paths.key, problems)
  const certificate = cert === undefined ? undefined : certificateIn(cert)
  const privateKey = key === undefined ? undefined : privateKeyIn(key)
  if (cert !== undefined && certificate === undefined)
    problems.push('PURSER_TLS_CERT names a file without a certificate in PEM form.')
  if (key !== undefined && privateKey === undefined)
    problems.push('PURSER_TLS_KEY names a file without an unencrypted private key in PEM form.')
  if (certificate !== undefined && privateKey !== undefined && !certificate.checkPrivateKey(privateKey))
    problems.push('PURSER_TLS_KEY is not the key of the certificate in PURSER_TLS_CERT: they do not match.')
  if (problems.length > 0 || cert === undefined || key === undefined) throw new ConfigError(problems)
  return { cert, key }
}

async function read(setting: string, path: string, problems: string[]): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code})`
    problems.push(`${setting} names a file that ${why}.`)
    return undefined
  }
}

function certificateIn(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}

function privateKeyIn(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text)
  } catch {
    return undefined
  }
}
