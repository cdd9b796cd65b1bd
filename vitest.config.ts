import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that put something else in the place of a module, of the clock or of a function: nobody shares a process with them. */
const alone = [
  'tests/authority/bad-input.test.ts',
  'tests/bench/bench.test.ts',
  'tests/device/contacts.test.ts',
  'tests/node/hung-relay.test.ts',
  'tests/node/relay-tls.test.ts',
  'tests/device/too-many.test.ts',
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

/** Whatever takes longest begins first; on a machine that has run them before, all others do in that order too. */
const long = [
  'tests/lab/findings.test.ts',
  'tests/scenario/',
  'tests/project/demo.test.ts',
  'tests/project/exercises.test.ts',
  'tests/bench/',
  'tests/lab/',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = long.findIndex((part) => moduleId.includes(part))
      return found === -1 ? long.length : found
    }
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}

const common = {
  setupFiles: ['tests/support/setup.ts'],
  // for hangs only: a slow machine is not a fault
  testTimeout: 600_000,
  hookTimeout: 600_000,
}

export default defineConfig({
  test: {
    // most tests wait for processes, sockets and disks: three workers for every processor
    maxWorkers: 3 * availableParallelism(),
    globalSetup: 'tests/support/build.ts',
    teardownTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...common, name: 'together', include: ['tests/**/*.test.ts'], exclude: alone, isolate: false } },
      { test: { ...common, name: 'alone', include: alone } },
    ],
  },
})
