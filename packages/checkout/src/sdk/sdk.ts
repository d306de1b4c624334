// The web SDK: preFetch, initiate, process, back, terminate. It holds no money and decides nothing: it shows our
// page in a frame, and passes on what that says. What it must get right is order: an event comes after the call that
// it answers, each call has one result, and nothing comes after terminate.
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

type State = {
  /** Where the script came from: Purser's own address. */
  readonly defaultBase: string
  life: Life | undefined
  prefetched: Frame | undefined
  /** process before initiate: initiate finds it here. */
  early: Running | undefined
}

const DEADLINE_MS = 15_000
const ADVISED_GAP_MS = 5_000
const FAILED = 'JP_001'
const NO_INTERNET = 'JP_005'
const FINE = { error: false, errorCode: '', errorMessage: '' } as const

/** @param defaultBase where the script came from: Purser's own address */
export function createSdk(defaultBase: string): PurserSdk {
  const state: State = { defaultBase, life: undefined, prefetched: undefined, early: undefined }
  return {
    preFetch: (payload) => {
      if (state.prefetched !== undefined || state.life !== undefined) return
      const address = `${baseOf(readPayload(payload), defaultBase)}/pay/warm`
      const end = () => endPrefetch(state)
      state.prefetched = openFrame({ address, onMessage: end, onSilence: end })
    },
    initiate: (payload, onEvent) => initiate(state, readPayload(payload), onEvent),
    process: (payload) => {
      const read = readPayload(payload)
      if (state.life !== undefined) return start(state, state.life, read)
      console.error('Purser: process() before initiate(). It waits for initiate() for 15 seconds.')
      state.early?.endDeadline()
      state.early = { ...read, endDeadline: after(DEADLINE_MS, () => (state.early = undefined)) }
    },
    onBackPressed: () => {
      const { life } = state
      if (life?.running === undefined) return false
      life.frame?.send({ say: 'back' })
      return true
    },
    isInitialised: () => state.life?.initialised === true,
    terminate: () => terminate(state),
  }
}

function initiate(state: State, read: Read, onEvent: OnEvent): void {
  const waiting = state.early
  state.early = undefined
  terminate(state)
  const life: Life = {
    onEvent,
    initiated: read,
    base: baseOf(read, state.defaultBase),
    startedAt: now(),
    frame: undefined,
    token: undefined,
    ready: false,
    initialised: false,
    answered: false,
    running: undefined,
  }
  state.life = life
  const { problem } = read
  if (problem !== undefined) {
    const told = { error: true, errorCode: problem.code, errorMessage: problem.message }
    return answerInitiate(state, life, { ...told, payload: { action: 'initiate', status: 'api_failure' } })
  }
  load(state, life, read.token)
  if (waiting === undefined) return
  waiting.endDeadline()
  start(state, life, waiting)
}

function terminate(state: State): void {
  const { life, early } = state
  state.life = undefined
  state.early = undefined
  life?.running?.endDeadline()
  early?.endDeadline()
  life?.frame?.close()
  endPrefetch(state)
}

function endPrefetch(state: State): void {
  state.prefetched?.close()
  state.prefetched = undefined
}

function start(state: State, life: Life, read: Read): void {
  // A second tap: the page is open already, or about to be.
  if (life.running !== undefined) return
  if (now() - life.startedAt < ADVISED_GAP_MS) {
    console.info('Purser: initiate() at least 5 seconds before process(), and the page opens without a wait.')
  }
  const endDeadline = after(DEADLINE_MS, () => fail(state, life, 'The payment page was not ready in time.'))
  const running = { ...read, endDeadline }
  life.running = running
  emit(state, life, running, { event: 'show_loader', ...FINE, payload: {} })
  const { problem } = read
  if (problem !== undefined) fail(state, life, problem.message, problem.code)
  else if (life.ready || life.frame === undefined) open(state, life, running)
}

function load(state: State, life: Life, token: string | undefined): void {
  life.frame?.close()
  life.ready = false
  life.token = token
  life.frame = openFrame({
    address: `${life.base}/pay/${token ?? 'warm'}`,
    onMessage: (message) => hear(state, life, message),
    onSilence: () => silent(state, life),
  })
}

function open(state: State, life: Life, running: Running): void {
  const token = running.token ?? life.initiated.token
  if (token === undefined) return fail(state, life, 'The payload has no clientAuthToken.')
  if (life.token !== token || life.frame === undefined) return load(state, life, token)
  running.endDeadline()
  life.frame.show()
  emit(state, life, running, { event: 'hide_loader', ...FINE, payload: {} })
}

function hear(state: State, life: Life, message: FromPage): void {
  if (state.life !== life) return
  if (message.say === 'ready') {
    life.ready = true
    const { methods } = message
    answerInitiate(state, life, { ...FINE, payload: { action: 'initiate', status: 'success', methods } })
    if (life.running !== undefined) open(state, life, life.running)
  } else if (message.told.event === 'process_result') finish(state, life, message.told)
  else emit(state, life, life.running ?? life.initiated, message.told)
}

function silent(state: State, life: Life): void {
  if (state.life !== life || life.ready) return
  const errorCode = navigator.onLine ? FAILED : NO_INTERNET
  const errorMessage = `The payment page did not answer. Is ${location.origin} among frame_origins of the session?`
  const payload = { action: 'initiate', status: 'api_failure' } as const
  answerInitiate(state, life, { error: true, errorCode, errorMessage, payload })
  fail(state, life, errorMessage, errorCode)
}

function answerInitiate(state: State, life: Life, told: Omit<Told, 'event'>): void {
  life.initialised ||= !told.error
  if (life.answered) return
  life.answered = true
  emit(state, life, life.initiated, { event: 'initiate_result', ...told })
}

function fail(state: State, life: Life, errorMessage: string, errorCode: string = FAILED): void {
  const payload = { action: 'paymentPage', status: 'api_failure' } as const
  finish(state, life, { event: 'process_result', error: true, errorCode, errorMessage, payload })
}

function finish(state: State, life: Life, told: Told): void {
  const { running } = life
  if (running === undefined) return
  running.endDeadline()
  life.running = undefined
  life.frame?.close()
  life.frame = undefined
  life.token = undefined
  emit(state, life, running, { event: 'hide_loader', ...FINE, payload: {} })
  emit(state, life, running, told)
}

function emit(state: State, life: Life, { requestId, service }: Read, told: Told): void {
  const event = { ...told, service, requestId }
  // Later, so that an event never comes before the call that it answers has returned.
  queueMicrotask(() => {
    if (state.life === life) life.onEvent(event)
  })
}

function baseOf({ baseUrl }: Read, defaultBase: string): string {
  return (baseUrl ?? defaultBase).replace(/\/+$/, '')
}
