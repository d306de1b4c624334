// Every generated document by its path. The routes are not among them: they are made in routes.ts, because what
// a route does leads to the database driver, and these here are checked where there is none.
import { configurationDocument } from './configuration.ts'
import { errorsDocument } from './errors.ts'
import { eventsDocument } from './events.ts'
import { sandboxDocument } from './sandbox.ts'
import { statesDocument } from './states.ts'

export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  'docs/reference/configuration.md': configurationDocument,
  'docs/reference/errors.md': errorsDocument,
  'docs/reference/events.md': eventsDocument,
  'docs/reference/sandbox.md': sandboxDocument,
  'docs/reference/states.md': statesDocument,
}
