// The web SDK: preFetch, initiate, process, back, terminate. It holds no money and decides nothing: it shows our page in
// a frame, and passes on what that says. What it must get right is order: events come after the call that they answer,
// each call has one result, and nothing comes after terminate.
import { openFrame } from './frame.ts'
import type { Frame } from './frame.ts'
import type { FromPage, Told } from './messages.ts'
import { readPayload } from './payload.ts'
import type { Read } from './payload.ts'
import type { OnEvent, PurserSdk } from './public.ts'
import { after, now } from './timers.ts'

type Running = Read & { readonly endDeadline: () => void }

/** From initiate to terminate. */
type Life = {
  readonly onEvent: OnEvent
  readonly initiated: Read
  readonly base: string
  readonly startedAt: number
  frame: Frame | undefined
  /** The session that the frame holds; undefined for a page that is only warm. */
  token: string | undefined
  /** The page in the frame has spoken. */
  ready: boolean
  initialised: boolean
  /** initiate_result was told. */
  answered: boolean
  /** process, from its call to its result. */
  running: Running | undefined
}

const DEADLINE_MS = 15_000
const ADVISED_GAP_MS = 5_000
const FAILED = 'JP_001'
const NO_INTERNET = 'JP_005'
const FINE = { error: false, errorCode: '', errorMessage: '' } as const

/** @param defaultBase where the script came from: Purser's own address */
export function createSdk(defaultBase: string): PurserSdk {
  let life: Life | undefined
  let prefetched: Frame | undefined
  // process before initiate: initiate finds it here.
  let early: Running | undefined

  const emit = (to: Life, { requestId, service }: Read, told: Told) => {
    const event = { ...told, service, requestId }
    // Later, so that an event never comes before the call that it answers has returned.
    queueMicrotask(() => {
      if (life === to) to.onEvent(event)
    })
  }

  const finish = (of: Life, told: Told) => {
    const { running } = of
    if (running === undefined) return
    running.endDeadline()
    of.running = undefined
    of.frame?.close()
    of.frame = undefined
    of.token = undefined
    emit(of, running, { event: 'hide_loader', ...FINE, payload: {} })
    emit(of, running, told)
  }

  const fail = (of: Life, errorMessage: string, errorCode: string = FAILED) =>
    finish(of, {
      event: 'process_result',
      error: true,
      errorCode,
      errorMessage,
      payload: { action: 'paymentPage', status: 'api_failure' },
    })

  const initiated = (of: Life, told: Omit<Told, 'event'>) => {
    of.initialised ||= !told.error
    if (of.answered) return
    of.answered = true
    emit(of, of.initiated, { event: 'initiate_result', ...told })
  }

  const hear = (of: Life, message: FromPage) => {
    if (life !== of) return
    if (message.say === 'ready') {
      of.ready = true
      initiated(of, { ...FINE, payload: { action: 'initiate', status: 'success', methods: message.methods } })
      if (of.running !== undefined) open(of, of.running)
    } else if (message.told.event === 'process_result') finish(of, message.told)
    else emit(of, of.running ?? of.initiated, message.told)
  }

  const silent = (of: Life) => {
    if (life !== of || of.ready) return
    const errorCode = navigator.onLine ? FAILED : NO_INTERNET
    const errorMessage = `The payment page did not answer. Is ${location.origin} among frame_origins of the session?`
    initiated(of, { error: true, errorCode, errorMessage, payload: { action: 'initiate', status: 'api_failure' } })
    fail(of, errorMessage, errorCode)
  }

  const load = (of: Life, token: string | undefined) => {
    of.frame?.close()
    of.ready = false
    of.token = token
    of.frame = openFrame({
      address: `${of.base}/pay/${token ?? 'warm'}`,
      onMessage: (message) => hear(of, message),
      onSilence: () => silent(of),
    })
  }

  const open = (of: Life, running: Running) => {
    const token = running.token ?? of.initiated.token
    if (token === undefined) return fail(of, 'The payload has no clientAuthToken.')
    if (of.token !== token || of.frame === undefined) return load(of, token)
    running.endDeadline()
    of.frame.show()
    emit(of, running, { event: 'hide_loader', ...FINE, payload: {} })
  }

  const endPrefetch = () => {
    prefetched?.close()
    prefetched = undefined
  }

  const terminate = () => {
    const { running, frame } = life ?? {}
    life = undefined
    running?.endDeadline()
    early?.endDeadline()
    early = undefined
    frame?.close()
    endPrefetch()
  }

  const begin = (of: Life, read: Read): Running => ({
    ...read,
    endDeadline: after(DEADLINE_MS, () => {
      if (life === of) fail(of, 'The payment page was not ready in time.')
    }),
  })

  return {
    preFetch: (payload) => {
      if (prefetched !== undefined || life !== undefined) return
      const address = `${baseOf(readPayload(payload), defaultBase)}/pay/warm`
      prefetched = openFrame({ address, onMessage: endPrefetch, onSilence: endPrefetch })
    },
    initiate: (payload, onEvent) => {
      const waiting = early
      early = undefined
      terminate()
      const read = readPayload(payload)
      const of: Life = {
        onEvent,
        initiated: read,
        base: baseOf(read, defaultBase),
        startedAt: now(),
        frame: undefined,
        token: undefined,
        ready: false,
        initialised: false,
        answered: false,
        running: undefined,
      }
      life = of
      const { problem } = read
      if (problem !== undefined) {
        const told = { error: true, errorCode: problem.code, errorMessage: problem.message }
        return initiated(of, { ...told, payload: { action: 'initiate', status: 'api_failure' } })
      }
      load(of, read.token)
      if (waiting === undefined) return
      waiting.endDeadline()
      start(of, waiting)
    },
    process: (payload) => {
      const read = readPayload(payload)
      if (life !== undefined) return start(life, read)
      console.error('Purser: process() before initiate(). It waits for initiate() for 15 seconds.')
      early?.endDeadline()
      early = { ...read, endDeadline: after(DEADLINE_MS, () => (early = undefined)) }
    },
    onBackPressed: () => {
      if (life?.running === undefined) return false
      life.frame?.send({ say: 'back' })
      return true
    },
    isInitialised: () => life?.initialised === true,
    terminate,
  }

  function start(of: Life, read: Read): void {
    // A second tap: the page is open already, or about to be.
    if (of.running !== undefined) return
    if (now() - of.startedAt < ADVISED_GAP_MS) {
      console.info('Purser: initiate() at least 5 seconds before process(), and the page opens without a wait.')
    }
    const running = begin(of, read)
    of.running = running
    emit(of, running, { event: 'show_loader', ...FINE, payload: {} })
    const { problem } = read
    if (problem !== undefined) fail(of, problem.message, problem.code)
    else if (of.ready || of.frame === undefined) open(of, running)
  }
}

function baseOf({ baseUrl }: Read, defaultBase: string): string {
  return (baseUrl ?? defaultBase).replace(/\/+$/, '')
}
