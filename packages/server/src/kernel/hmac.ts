// Keyed hashes over exact bytes, and their comparison in constant time.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export function hmacSha256(key: Buffer | string, data: Buffer | string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

export function sha256(data: Buffer | string): Buffer {
  return createHash('sha256').update(data).digest()
}

/** False for any difference in length or content; the time taken depends on the expected length alone. */
export function equalBytes(expected: Buffer, given: Buffer): boolean {
  const padded = Buffer.alloc(expected.length)
  given.copy(padded)
  return timingSafeEqual(expected, padded) && expected.length === given.length
}
