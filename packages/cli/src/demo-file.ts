// demo.json, which the server writes in its data directory in demo mode: where it listens and the demo merchant's keys.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type DemoFile = {
  readonly base_url: string
  readonly merchant_id: string
  readonly secret_key: string
  /** What clients of the Juspay dialect are set up with besides the key. */
  readonly response_key?: string
  readonly payment_page_client_id?: string
}

/** Undefined when there is none yet. @throws Error when there is one that cannot be used */
export async function readDemoFile(dataDir: string): Promise<DemoFile | undefined> {
  const path = join(dataDir, 'demo.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const found: unknown = JSON.parse(text)
  if (isDemoFile(found)) return found
  throw new Error(`${path} lacks base_url, merchant_id or secret_key. Remove it and start Purser again.`)
}

function isDemoFile(value: unknown): value is DemoFile {
  if (typeof value !== 'object' || value === null) return false
  const fields = value as Record<string, unknown>
  return ['base_url', 'merchant_id', 'secret_key'].every((name) => typeof fields[name] === 'string')
}
