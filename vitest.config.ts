import { defineConfig } from 'vitest/config'

// Two kinds: unit tests need nothing but Node; database tests share one real Postgres cluster.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'tools/**/*.test.mjs'],
    exclude: ['packages/*/test/browser/**', 'packages/*/test/chaos/**', '**/*.proof.test.ts', '**/node_modules/**'],
    globalSetup: ['packages/server/src/testing/global-setup.ts'],
    // What is waited for comes at once, unless the machine is busy with something else.
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
