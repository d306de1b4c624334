// A check is one question to the whole database whose rows are violations. It sees every tenant, so it runs as a login
// that row-level security does not bind; with any other it fails instead of finding nothing (snapshot.ts).
export type Check = {
  /** The invariant's number in the proof, `I5`, or what it is about. */
  readonly invariant: string
  /** What should be so, as a sentence for whoever reads the report. */
  readonly claim: string
  /** Returns merchant_id, mode, object and what for each row that breaks the claim. */
  readonly sql: string
  readonly values?: readonly unknown[]
}

/** What a check finds out about one object. */
export type CheckRow = {
  readonly merchant_id: string
  readonly mode: string
  readonly object: string
  readonly what: string
}
