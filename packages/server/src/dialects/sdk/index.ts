// The app (SDK) API: the native API's words and errors, another credential, and open to browsers of other origins.
import { BODY_LIMIT_BYTES } from '../../http/app.ts'
import { answerPreflight } from '../../http/cors.ts'
import { endStreamsOnClose } from '../../http/event-stream.ts'
import { wordProblem } from '../../http/problem.ts'
import { useRawBodies } from '../../http/raw-body.ts'
import type { Dialect } from '../contract/dialect.ts'
import { registerRoutes } from '../contract/route.ts'
import { sdkRoutes } from './session.ts'

export const sdk: Dialect = {
  name: 'sdk',
  wrongMethod: 'method_not_allowed',
  wordError: wordProblem,
  register: (app, deps) => {
    useRawBodies(app, BODY_LIMIT_BYTES)
    endStreamsOnClose(app)
    registerRoutes(app, deps, sdkRoutes)
    app.options('/sdk/v1/*', { config: { access: { kind: 'public' } } }, answerPreflight)
  },
}
