// The native API: Purser's own words for everything it does. Other dialects say the same in somebody else's.
import { BODY_LIMIT_BYTES } from '../../http/app.ts'
import { wordProblem } from '../../http/problem.ts'
import { useRawBodies } from '../../http/raw-body.ts'
import type { Dialect } from '../contract/dialect.ts'
import { registerRoutes } from '../contract/route.ts'
import { registerJwks } from './jwks.ts'
import { registerApiDescription } from './openapi.ts'
import { nativeRoutes } from './routes.ts'

export const native: Dialect = {
  name: 'native',
  wrongMethod: 'method_not_allowed',
  wordError: wordProblem,
  register: (app, deps) => {
    useRawBodies(app, BODY_LIMIT_BYTES)
    registerRoutes(app, deps, nativeRoutes)
    registerJwks(app, deps)
    registerApiDescription(app, deps, nativeRoutes)
  },
}
