// One thread that draws PDFs, started when it is first needed and ended when nobody has asked for a while: a server
// that prints no receipts pays nothing for it. A document that takes too long takes the thread down with it, and only
// itself.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { WorkerOptions } from 'node:worker_threads'
import type { ReceiptDocument } from '../domain/receipt/document.ts'
import { after } from '../kernel/clock.ts'
import { AppError } from '../kernel/errors.ts'
import type { DrawReply, DrawRequest } from './pdf-worker.ts'

// A drawing takes some 50 ms; two hundred are ten seconds, longer than anyone waits.
const MOST_WAITING = 200
const TIMEOUT_MS = 15_000
const IDLE_MS = 60_000
const MEMORY_MB = 128

type Job = {
  readonly document: ReceiptDocument
  readonly resolve: (pdf: Buffer) => void
  readonly reject: (error: Error) => void
}

export type DrawingThread = {
  /** @throws AppError overloaded when too many wait, internal_error when the drawing failed */
  draw(document: ReceiptDocument): Promise<Buffer>
  /** Ends the thread. What waits fails; a later `draw` starts another. */
  close(): Promise<void>
}

export function createDrawingThread(): DrawingThread {
  const waiting: Job[] = []
  let worker: Worker | undefined
  let current: { readonly job: Job; readonly id: number; readonly stopClock: () => void } | undefined
  let stopIdling = () => {}
  let lastId = 0

  const settle = (act: (job: Job) => void) => {
    const done = current
    if (done === undefined) return
    done.stopClock()
    current = undefined
    act(done.job)
  }

  const drop = (broken: Worker, internal: string, cause?: unknown) => {
    if (worker !== broken) return
    worker = undefined
    void broken.terminate()
    settle((job) => job.reject(failure(internal, cause)))
    next()
  }

  const heard = (thread: Worker, reply: DrawReply) => {
    if (worker !== thread || reply.id !== current?.id) return
    settle((job) => answer(job, reply))
    next()
  }

  const next = () => {
    if (current !== undefined) return
    const job = waiting.shift()
    if (job === undefined) return rest()
    stopIdling()
    worker ??= openThread(heard, drop)
    // While someone waits for a drawing, the process does not end.
    worker.ref()
    const drawing = worker
    const id = (lastId += 1)
    const stopClock = after(TIMEOUT_MS, () => drop(drawing, `A receipt was not drawn within ${TIMEOUT_MS} ms.`))
    current = { job, id, stopClock }
    drawing.postMessage({ id, document: job.document } satisfies DrawRequest, [])
  }

  const rest = () => {
    const idle = worker
    if (idle === undefined) return
    idle.unref()
    stopIdling = after(IDLE_MS, () => drop(idle, ''))
  }

  return {
    draw: (document) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= MOST_WAITING) return reject(new AppError('overloaded', { retry_after_seconds: 5 }))
        waiting.push({ document, resolve, reject })
        next()
      }),
    close: async () => {
      const ending = worker
      worker = undefined
      stopIdling()
      const ended = failure('The thread that draws receipts was closed.')
      settle((job) => job.reject(ended))
      for (const job of waiting.splice(0)) job.reject(ended)
      await ending?.terminate()
    },
  }
}

function answer(job: Job, reply: DrawReply): void {
  if ('pdf' in reply) job.resolve(Buffer.from(reply.pdf))
  else job.reject(failure(reply.failure))
}

function openThread(
  heard: (thread: Worker, reply: DrawReply) => void,
  broke: (thread: Worker, internal: string, cause?: unknown) => void,
): Worker {
  const thread = startWorker({
    // Nothing that this thread needs is in there, and it reads what strangers wrote.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
  })
  thread.on('message', (reply: DrawReply) => heard(thread, reply))
  thread.on('error', (error) => broke(thread, 'The thread that draws receipts broke.', error))
  thread.on('exit', () => broke(thread, 'The thread that draws receipts ended.'))
  return thread
}

function failure(internal: string, cause?: unknown): AppError {
  return new AppError('internal_error', {}, cause === undefined ? { internal } : { internal, cause })
}

/** From dist the built file runs as it is; from src, under tsx or Vitest, the thread needs a loader of its own. */
function startWorker(options: WorkerOptions): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const name = isSource ? '../testing/pdf-worker-from-source.mjs' : './pdf-worker.js'
  // Not `new URL('…', import.meta.url)`: Vite would take that for a file of a browser's.
  const folder = dirname(fileURLToPath(import.meta.url))
  return new Worker(join(folder, name), { ...options, execArgv: isSource ? ['--conditions', 'source'] : [] })
}
