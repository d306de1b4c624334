import { defineConfig } from 'vitest/config'

// The proof suites: tests that count up to a goal (packages/server/src/testing/simulation/proof.ts). Run by `npm test`
// in the push tier, and by `npm run proof` in any.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/server/test/**/*.proof.test.ts'],
    globalSetup: ['packages/server/src/testing/global-setup.ts'],
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
