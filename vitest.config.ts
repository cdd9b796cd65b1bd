import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { hangMs } from './tests/support/hang.ts'

/** Files that put another module in the place of one: nobody shares a process with them. */
const alone = ['tests/device/too-many.test.ts', 'tests/crypto/sodium.test.ts', 'tests/crypto/attachment-wiped.test.ts']

/**
 * Files whose time goes into many processes of the program: `npm run test:processes`. Of each kind `npm test` has a shorter one, such as
 * tests/scenario/group-sms.test.ts, tests/workshop/stage.test.ts and tests/cli/cli.test.ts.
 */
const processes = [
  'tests/scenario/{campaign,clock,command-faults,damage,disk,large-file,points,sms}.test.ts',
  'tests/project/{demo,exercises,exercise-runs,leftovers,opener,plans,receipts}.test.ts',
  'tests/workshop/{full-disk,process,tls}.test.ts',
  'tests/server/{log-faults,process}.test.ts',
  'tests/cli/{environment,keeping,link,move,tls}.test.ts',
  'tests/lab/sensitivity.test.ts',
]

/**
 * Whatever takes longest begins first; on a machine that has run them before, all others do in that order too. Those that are
 * alone come last: where one is next, a worker ends that others share, and the next to come loads everything again.
 */
const long = [
  'tests/lab/findings.test.ts',
  'tests/scenario/',
  'tests/project/demo.test.ts',
  'tests/project/exercise',
  'tests/bench/',
  'tests/lab/',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification) => {
      if (project.name === 'alone') return long.length + 1
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
  expect: { poll: { timeout: hangMs } },
}

export default defineConfig({
  test: {
    // most tests wait for processes, sockets and disks: three workers for every processor
    maxWorkers: 3 * availableParallelism(),
    globalSetup: 'tests/support/build.ts',
    teardownTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...common,
          name: 'together',
          include: ['tests/**/*.test.ts'],
          exclude: [...alone, ...processes, 'tests/web/browser/**'],
          isolate: false,
        },
      },
      { test: { ...common, name: 'alone', include: alone } },
      { test: { ...common, name: 'processes', include: processes, isolate: false } },
      { test: { ...common, name: 'browser', include: ['tests/web/browser/**/*.test.ts'], isolate: false } },
    ],
  },
})
