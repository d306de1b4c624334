// Randomness has one door, so that the simulator can seed it. Secrets always come from the operating system.
import { randomBytes } from 'node:crypto'

export type Randomness = {
  /** Uniform bytes. */
  bytes(length: number): Buffer
  /** Uniform in [0, 1); for jitter only, never for money or secrets. */
  fraction(): number
}

export const systemRandomness: Randomness = {
  bytes: (length) => randomBytes(length),
  fraction: () => randomBytes(4).readUInt32BE() / 2 ** 32,
}
