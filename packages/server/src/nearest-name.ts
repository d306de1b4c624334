// Guesses what somebody meant who wrote a name that does not exist: the known one with the fewest changed, added or
// missing letters. A forgotten or surplus PURSER_ does not count.

/** The nearest of `known`, which must not be empty. */
export function nearestName(name: string, known: readonly string[]): string {
  const bare = (text: string) => text.replace(/^PURSER_/, '')
  const ranked = known.map((it) => ({ it, distance: Math.min(distance(name, it), distance(bare(name), bare(it))) }))
  return ranked.reduce((best, next) => (next.distance < best.distance ? next : best)).it
}

// Levenshtein, one row at a time.
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
