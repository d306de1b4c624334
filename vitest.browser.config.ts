import { defineConfig } from 'vitest/config'

// The pages in a real Chromium, against a real server on a real Postgres. One file at a time: two cores are few.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/test/browser/**/*.test.ts'],
    globalSetup: ['packages/server/src/testing/global-setup.ts'],
    // What is waited for comes at once, unless the machine is busy with something else.
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 90_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
