import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Files that put something else in the place of a module, of the clock or of a function: nobody shares a process with them. */
const alone = [
  'tests/authority/bad-input.test.ts',
  'tests/bench/bench.test.ts',
  'tests/client/contacts.test.ts',
  'tests/client/hung-relay.test.ts',
  'tests/client/relay-tls.test.ts',
  'tests/client/too-many.test.ts',
  'tests/crypto/lock.test.ts',
  'tests/crypto/ratchet-limits.test.ts',
  'tests/crypto/sodium.test.ts',
  'tests/crypto/spent.test.ts',
  'tests/fuzz/cli.test.ts',
  'tests/lab/world-dataset.test.ts',
  'tests/server/authentication.test.ts',
  'tests/server/limits.test.ts',
  'tests/server/relay.test.ts',
  'tests/server/socket-flow.test.ts',
]

export default defineConfig({
  test: {
    // most tests wait for processes, sockets and disks: two workers for every processor
    maxWorkers: 2 * availableParallelism(),
    globalSetup: 'tests/support/build.ts',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'together', include: ['tests/**/*.test.ts'], exclude: alone, isolate: false },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
})
