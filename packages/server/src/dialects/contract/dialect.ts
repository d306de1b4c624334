// What a dialect is: a surface of the HTTP server (http/surfaces.ts) kept in a folder of its own and listed in
// registry.ts. It translates between its wire and the operations; it never decides anything about money.
export type { ErrorContext, Surface as Dialect, WordedError } from '../../http/surfaces.ts'
