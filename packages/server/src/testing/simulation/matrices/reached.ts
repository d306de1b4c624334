// What was reached of the matrices: each cell once, by asking the domain or by doing it on Postgres, and what did not
// say what is drawn.
export type Way = 'memory' | 'postgres'

export type Reached = {
  /** `said` is compared with what is drawn. */
  cell(matrix: string, name: string, way: Way, said: string, expected: string): void
  fault(what: string): void
  readonly faults: readonly string[]
  /** Cells per matrix, however they were reached. */
  counts(): Readonly<Record<string, number>>
  cells(): number
  onPostgres(): number
}

export function openReached(): Reached {
  const seen = new Map<string, Map<string, Set<Way>>>()
  const faults: string[] = []
  const all = () => [...seen.values()].flatMap((cells) => [...cells.values()])
  return {
    cell: (matrix, name, way, said, expected) => {
      const cells = seen.get(matrix) ?? new Map<string, Set<Way>>()
      seen.set(matrix, cells)
      cells.set(name, (cells.get(name) ?? new Set<Way>()).add(way))
      if (said !== expected) faults.push(`${matrix}, ${name}, ${way}: says ${said}, drawn is ${expected}`)
    },
    fault: (what) => void faults.push(what),
    faults,
    counts: () => Object.fromEntries([...seen].map(([matrix, cells]) => [matrix, cells.size])),
    cells: () => all().length,
    onPostgres: () => all().filter((ways) => ways.has('postgres')).length,
  }
}

/** What came of a step, as drawings say it. */
export function saidOf(before: string, after: string, conflicts: number): string {
  const mark = conflicts > 0 ? '!' : ''
  if (after !== before) return `${after}${mark}`
  return mark === '' ? '=' : mark
}
