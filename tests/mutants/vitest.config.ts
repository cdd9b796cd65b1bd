import { defineConfig } from 'vitest/config'
import { BaseSequencer, type Reporter, type RunnerTask, type RunnerTestFile, type TestSpecification } from 'vitest/node'

/** The tests that take longest, the longest first: a mutant should meet them last. */
const slow = [
  'key-substitution',
  'ghost-device',
  'ghost-own-device',
  'prekeys',
  'session-walk',
  'identity',
  'ratchet-limits',
  'bytes',
  'policy',
  'padding',
]

const rankOf = ({ moduleId }: TestSpecification) => {
  const place = slow.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
  return place < 0 ? 0 : slow.length - place
}

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => rankOf(a) - rankOf(b))
  }
}

/** A test file that cannot even be loaded has no test that fails, and Stryker asks for those alone: here it has one. */
const loading: Reporter = {
  onTestModuleEnd(module) {
    const { task: file } = module as unknown as { task: RunnerTestFile }
    if (file.result?.state !== 'fail' || file.tasks.length > 0) return
    file.tasks.push({ type: 'test', name: 'is loaded', mode: 'run', file, result: file.result } as RunnerTask)
  },
}

/** Modes whose doings are seen on devices. */
const modes = ['ghost-device', 'ghost-own-device', 'key-substitution'].map((name) => `tests/device/${name}.test.ts`)

/** The tests of crypto/, without a build of the program, the quick ones first. */
export default defineConfig({
  test: {
    include: ['tests/crypto/**/*.test.ts', 'tests/project/access-modes.test.ts', ...modes],
    testTimeout: 30_000,
    sequence: { sequencer: QuickFirst },
    reporters: [loading],
    env: { DOORMAT_WALK_SEEDS: '4', DOORMAT_WALK_STEPS: '200' },
  },
})
