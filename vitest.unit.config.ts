import { defineConfig } from 'vitest/config'
import { testsWithoutDatabase } from './tools/tests-without-database.mjs'

// The tests that need nothing but Node, for `npm run check`: no cluster is started for them.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { include: testsWithoutDatabase(), testTimeout: 30_000, maxWorkers: 2 },
})
