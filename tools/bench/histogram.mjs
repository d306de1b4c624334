// Latencies in buckets that grow with the value, so that a percentile is right to 1.6 % from a microsecond to minutes
// and counting costs nothing. Can be sent between processes and added up.

const SUB = 64
const SUB_BITS = 6

/** An empty one; `counts` is what travels between processes. */
export function createHistogram(counts = []) {
  return {
    counts,
    /** @param {number} ms */
    record(ms) {
      const at = bucketOf(Math.max(0, Math.round(ms * 1_000)))
      counts[at] = (counts[at] ?? 0) + 1
    },
    add(other) {
      other.forEach((count, at) => {
        counts[at] = (counts[at] ?? 0) + (count ?? 0)
      })
    },
    total: () => counts.reduce((sum, count) => sum + (count ?? 0), 0),
    /**
     * In milliseconds; the largest value of the bucket that it lies in.
     * @param {number} share 0 to 1
     */
    percentile(share) {
      const total = counts.reduce((sum, count) => sum + (count ?? 0), 0)
      if (total === 0) return Number.NaN
      const wanted = Math.max(1, Math.ceil(total * share))
      let seen = 0
      for (const [at, count] of counts.entries()) {
        seen += count ?? 0
        if (seen >= wanted) return lastOf(at) / 1_000
      }
      return Number.NaN
    },
  }
}

// Below 64 each microsecond has its bucket; above, each doubling has 64.
function bucketOf(us) {
  if (us < SUB) return us
  const power = Math.floor(Math.log2(us)) - SUB_BITS
  return SUB * (power + 1) + Math.floor(us / 2 ** power) - SUB
}

function lastOf(bucket) {
  if (bucket < SUB) return bucket
  const power = Math.floor(bucket / SUB) - 1
  return ((bucket % SUB) + SUB + 1) * 2 ** power - 1
}
