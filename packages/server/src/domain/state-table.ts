// The notation that all state tables share. Every status answers every event; leaving a cell out does not compile.
//   'same'          a repeat or a stale message: accepted, nothing changes
//   'conflict'      never expected: recorded and shown to a person, nothing changes
//   'captured'      move to that status
//   'captured!'     move to that status, because money moved, and record a conflict as well

export type Cell<Status extends string> = Status | `${Status}!` | 'same' | 'conflict'
export type StateTable<Status extends string, Event extends string> = Readonly<
  Record<Status, Readonly<Record<Event, Cell<Status>>>>
>

export type Step<Status extends string> =
  | { readonly kind: 'moved'; readonly to: Status; readonly conflict: boolean }
  | { readonly kind: 'same' }
  | { readonly kind: 'conflict' }

export function look<Status extends string, Event extends string>(
  table: StateTable<Status, Event>,
  status: Status,
  event: Event,
): Step<Status> {
  const cell: Cell<Status> = table[status][event]
  if (cell === 'same') return { kind: 'same' }
  if (cell === 'conflict') return { kind: 'conflict' }
  const conflict = cell.endsWith('!')
  return { kind: 'moved', to: (conflict ? cell.slice(0, -1) : cell) as Status, conflict }
}

/** Every (from, to) that the table allows: what the database is told to allow, too. */
export function allowedTransitions<Status extends string, Event extends string>(
  table: StateTable<Status, Event>,
): readonly (readonly [Status, Status])[] {
  const pairs = new Map<string, readonly [Status, Status]>()
  for (const from of Object.keys(table) as Status[]) {
    for (const event of Object.keys(table[from]) as Event[]) {
      const step = look(table, from, event)
      if (step.kind === 'moved') pairs.set(`${from} ${step.to}`, [from, step.to])
    }
  }
  return [...pairs.values()]
}
