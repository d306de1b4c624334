// A real Postgres for tests. The runner starts one cluster (testing/global-setup.ts), migrates one template database,
// and every call here clones it: a test file never sees what another one wrote.
import { inject } from 'vitest'
import { openDatabaseAt } from './open-database.ts'
import type { ClusterAddress, TestDatabase } from './open-database.ts'

export { TEMPLATE } from './open-database.ts'
export type { ClusterAddress, TestDatabase } from './open-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    cluster: ClusterAddress
  }
}

export async function openTestDatabase(poolSize = 10): Promise<TestDatabase> {
  return openDatabaseAt(inject('cluster'), poolSize)
}
