// Starts pdf-worker.ts in a development run or a test. Node 20 runs no loader in a thread, whatever --import says, so
// the thread registers its own. It is not part of the build: there, pdf-worker.js runs as it is.
import { register } from 'tsx/esm/api'

register()
await import('../receipts/pdf-worker.ts')
