// Virtual time: a heap of things that will happen. Time jumps from one to the next, so thirty days of silence cost
// nothing. Two things at the same instant happen in the order in which they were planned: a run is repeatable.

export type EventQueue = {
  readonly nowMs: () => number
  /** `inMs` from now; never in the past. */
  plan(inMs: number, what: string, happen: () => void): void
  /** Runs the next one; undefined when nothing is left or the next one is later than `untilMs`. */
  step(untilMs: number): string | undefined
}

type Planned = { readonly atMs: number; readonly order: number; readonly what: string; readonly happen: () => void }

export function createEventQueue(): EventQueue {
  const heap: Planned[] = []
  let nowMs = 0
  let planned = 0
  return {
    nowMs: () => nowMs,
    plan(inMs, what, happen) {
      planned += 1
      push(heap, { atMs: nowMs + Math.max(0, inMs), order: planned, what, happen })
    },
    step(untilMs) {
      const first = heap[0]
      if (first === undefined || first.atMs > untilMs) return undefined
      pop(heap)
      nowMs = first.atMs
      first.happen()
      return first.what
    },
  }
}

const before = (a: Planned, b: Planned) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

function push(heap: Planned[], item: Planned): void {
  let at = heap.length
  heap.push(item)
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]
    if (above === undefined || !before(item, above)) break
    heap[at] = above
    at = parent
  }
  heap[at] = item
}

function pop(heap: Planned[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
    const child = left !== undefined && right !== undefined && before(right, left) ? 2 * at + 2 : 2 * at + 1
    const smaller = heap[child]
    if (smaller === undefined || !before(smaller, last)) break
    heap[at] = smaller
    at = child
  }
  heap[at] = last
}
