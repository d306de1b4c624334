// The private PostgreSQL that Purser runs when no DATABASE_URL is set, for the rest of the store and for main. The
// parts behind this file are read in the order start, confinement, postmaster, orphan.
export type { DataDirectoryClaim } from './data-directory-claim.ts'
export { claimDataDirectory } from './data-directory-claim.ts'
export type { EmbeddedErrorCode } from './embedded-error.ts'
export { EmbeddedPostgresError } from './embedded-error.ts'
export type { EmbeddedCluster, EmbeddedOptions } from './start.ts'
export { startEmbeddedPostgres, superviseEmbeddedPostgres } from './start.ts'
