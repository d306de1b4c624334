// Which methods a path has, asked only after the router found nothing: the router itself answers that for one method.
export type RouteTable = {
  add(method: string | readonly string[], pattern: string): void
  /** The methods of the routes that match this path, sorted; none when there is no such path. */
  methodsOf(path: string): readonly string[]
}

type Entry = { readonly methods: readonly string[]; readonly matcher: RegExp }

export function createRouteTable(): RouteTable {
  const entries: Entry[] = []
  return {
    add: (method, pattern) => {
      entries.push({ methods: typeof method === 'string' ? [method] : method, matcher: matcherOf(pattern) })
    },
    methodsOf: (path) => {
      const found = entries.filter((entry) => entry.matcher.test(path)).flatMap((entry) => entry.methods)
      return [...new Set(found)].sort()
    },
  }
}

function matcherOf(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((segment) => {
      if (segment === '*') return '.*'
      if (segment.startsWith(':')) return '[^/]+'
      return segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('/')
  return new RegExp(`^${source}$`)
}
