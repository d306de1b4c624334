import { defineConfig } from 'vitest/config'

// Kills on the real processes, each with a data directory and a Postgres of its own. Run after a build: they start
// what `npm start` starts.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/test/chaos/**/*.test.ts'],
    exclude: ['**/*.proof.test.ts', '**/node_modules/**'],
    // What is waited for comes at once, unless the machine is busy with something else.
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
