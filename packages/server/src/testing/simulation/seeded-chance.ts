// Chance for simulations: everything random in a run comes from one seed, so that a run can be told by its number and
// run again. Never for secrets, and never shared between two runs: who draws first would decide for the other.
import type { Randomness } from '../../kernel/random.ts'

export type Chance = Randomness & {
  /** Uniform over 0 … below - 1. */
  whole(below: number): number
  /** Uniform over from … to, both included. */
  between(from: number, to: number): number
  happens(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** A copy in random order. */
  shuffle<T>(items: readonly T[]): T[]
}

export function seededChance(seed: number): Chance {
  const state = [mix(seed), mix(seed + 0x9e3779b9), mix(seed ^ 0x5bd1e995), 1] as [number, number, number, number]
  const next = () => step(state)
  for (let warm = 0; warm < 12; warm += 1) next()
  const fraction = () => next() / 2 ** 32
  const whole = (below: number) => Math.floor(fraction() * below)
  return {
    fraction,
    whole,
    between: (from, to) => from + whole(to - from + 1),
    happens: (probability) => fraction() < probability,
    bytes: (length) => Buffer.from(Array.from({ length }, () => next() & 0xff)),
    pick: (items) => {
      const item = items[whole(items.length)]
      if (item === undefined) throw new Error('There is nothing to pick from.')
      return item
    },
    shuffle: (items) => {
      const copy = [...items]
      for (let at = copy.length - 1; at > 0; at -= 1) {
        const other = whole(at + 1)
        const [kept, moved] = [copy[at], copy[other]]
        if (kept !== undefined) copy[other] = kept
        if (moved !== undefined) copy[at] = moved
      }
      return copy
    },
  }
}

/** sfc32: small, fast, and good enough to be nobody's excuse. */
function step(state: [number, number, number, number]): number {
  const [a, b, c, count] = state
  const result = (a + b + count) | 0
  state[3] = (count + 1) | 0
  state[0] = b ^ (b >>> 9)
  state[1] = (c + (c << 3)) | 0
  state[2] = (((c << 21) | (c >>> 11)) + result) | 0
  return result >>> 0
}

function mix(seed: number): number {
  let mixed = seed | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
