// What every cell of every state table has to say, written down a second time by hand from the rules of the domain, and
// not from the tables: `=` a repeat, `!` a conflict, a status to move to, and a status with `!` for a move that a
// person looks at. A table without a drawing here is a violation, and so is a drawing without a table.

export type Drawing = Readonly<Record<string, Readonly<Record<string, string>>>>

/** `events` over columns, one line per status. */
function draw(events: string, rows: string): Drawing {
  const columns = words(events)
  const lines = rows.trim().split('\n').map(words)
  return Object.fromEntries(
    lines.map(([status = '', ...cells]) => {
      if (cells.length !== columns.length) throw new Error(`${status} has ${cells.length} cells of ${columns.length}.`)
      return [status, Object.fromEntries(columns.map((event, at) => [event, cells[at] ?? '']))]
    }),
  )
}

const words = (text: string) => text.trim().split(/\s+/)

export const REFUND = draw(
  `                   approved rejected  accepted outcome_unknown reviewed failed  succeeded`,
  `awaiting_approval  pending  rejected  !        =               !        !       succeeded!
   rejected           !        =         !        =               !        =       succeeded!
   pending            =        !         =        unknown         review   failed  succeeded
   unknown            =        !         pending  =               review   failed  succeeded
   review             =        !         =        =               =        failed  succeeded
   failed             =        !         =        =               =        =       succeeded!
   succeeded          =        !         =        =               =        !       =`,
)

export const MANDATE = draw(
  `         activated paused  resumed  revoked  expired  failed`,
  `created  active    !       !        revoked  expired  failed
   active   =         paused  =        revoked  expired  !
   paused   =         =       active   revoked  expired  !
   revoked  =         =       !        =        =        =
   expired  =         =       !        revoked  =        =
   failed   active!   !       !        revoked  =        =`,
)

export const SESSION = draw(
  `         claim    close   expire`,
  `open     claimed  closed  expired
   claimed  =        closed  expired
   closed   !        =       =
   expired  !        =       =`,
)

export const NOTICE = draw(
  `           accepted outcome_unknown failed  succeeded
`,
  `pending    =        unknown         failed  succeeded
   unknown    pending  =               failed  succeeded
   succeeded  =        =               !       =
   failed     =        =               =       !`,
)

/** Money that a person records: what was given up never comes back by itself. */
export const OFFLINE = draw(
  `          cleared bounced  reversed`,
  `recorded  cleared bounced  reversed
   cleared   =       bounced! reversed
   bounced   !       =        !
   reversed  !       !        =`,
)

/** A merchant's word and the time for evidence move what is undecided; only the gateway's word ends it. */
export const DISPUTE = draw(
  `              opened submitted     accepted  expired  won   lost`,
  `open          =      under_review  accepted  expired  won   lost
   under_review  =      =             accepted  =        won   lost
   accepted      =      !             =         =        won!  lost
   expired       =      under_review  accepted  =        won   lost
   won           =      =             !         =        =     lost!
   lost          =      =             =         =        won!  =`,
)

// A payment's drawing follows from one rule, the rank of evidence, and its exceptions.
const RANKS = ['failed', 'expired', 'canceled', 'declined', 'authorized', 'voided', 'captured'] as const
const OPEN = ['created', 'requires_action', 'processing', 'unknown'] as const
const SOFT: Readonly<Record<string, string>> = {
  action_required: 'requires_action',
  pending: 'processing',
  outcome_unknown: 'unknown',
}

function paymentCell(status: string, event: string): string {
  const isOpen = (OPEN as readonly string[]).includes(status)
  if (event === 'started') {
    if (status === 'created') return 'processing'
    return status === 'requires_action' || status === 'processing' ? '=' : '!'
  }
  const soft = SOFT[event]
  if (soft !== undefined) {
    // Certainly nothing happened, it was said: that the gateway works on it is a contradiction.
    if (status === 'failed' && event !== 'outcome_unknown') return '!'
    return isOpen && soft !== status ? soft : '='
  }
  const told = event === 'lapsed' ? 'expired' : event
  if (isOpen) return told
  if (status === 'authorized' && event === 'lapsed') return 'expired'
  if (status === 'captured' && event === 'voided') return '!'
  const rank = (name: string) => (RANKS as readonly string[]).indexOf(name)
  if (rank(told) <= rank(status)) return '='
  const isMoney = told === 'authorized' || told === 'captured'
  const wasCertain = status === 'failed' || status === 'voided'
  return isMoney && wasCertain ? `${told}!` : told
}

const PAYMENT_EVENTS = ['started', ...Object.keys(SOFT), 'lapsed', ...RANKS]

export const PAYMENT: Drawing = Object.fromEntries(
  [...OPEN, ...RANKS].map((status) => [
    status,
    Object.fromEntries(PAYMENT_EVENTS.map((event) => [event, paymentCell(status, event)])),
  ]),
)

/** By the name of the table in the domain. */
export const DRAWN: Readonly<Record<string, Drawing>> = {
  PAYMENT_TABLE: PAYMENT,
  REFUND_TABLE: REFUND,
  MANDATE_TABLE: MANDATE,
  SESSION_TABLE: SESSION,
  NOTICE_TABLE: NOTICE,
  OFFLINE_TABLE: OFFLINE,
  DISPUTE_TABLE: DISPUTE,
}

export type DrawnCell = { readonly status: string; readonly event: string; readonly expected: string }

export function cellsOf(drawing: Drawing): readonly DrawnCell[] {
  return Object.entries(drawing).flatMap(([status, row]) =>
    Object.entries(row).map(([event, expected]) => ({ status, event, expected })),
  )
}

/** Every move that a drawing knows: what the database has to allow, and nothing else. */
export function movesOf(drawing: Drawing): readonly string[] {
  const moves = cellsOf(drawing).flatMap(({ status, expected }) => {
    const to = expected.replace(/!$/, '')
    return to === '' || to === '=' ? [] : [`${status} to ${to}`]
  })
  return [...new Set(moves)].sort()
}
