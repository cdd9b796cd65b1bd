import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The tests that take longest: a mutant should meet them last. */
const slow = ['session-walk', 'prekeys', 'identity', 'ratchet-limits', 'bytes', 'policy', 'padding']
const rank = ({ moduleId }: TestSpecification) =>
  slow.length - 1 - slow.findIndex((name) => moduleId.includes(`/${name}.test`))

class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = (file: TestSpecification) => (rank(file) === slow.length ? -1 : rank(file))
    return [...files].sort((a, b) => place(a) - place(b) || a.moduleId.localeCompare(b.moduleId))
  }
}

/** The tests of crypto/ alone, without a build of the program, the quick ones first. */
export default defineConfig({
  test: {
    include: ['tests/crypto/**/*.test.ts'],
    testTimeout: 30_000,
    sequence: { sequencer: QuickFirst },
    env: { DOORMAT_WALK_SEEDS: '4', DOORMAT_WALK_STEPS: '200' },
  },
})
