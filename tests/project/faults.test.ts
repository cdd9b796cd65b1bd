import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { faults } from '../faults/faults.ts'
import { deviceFaults } from '../faults/faults-devices.ts'

/** A fault that no longer finds its place is tried by nobody, and its test may have stopped looking. */
it.each([...faults, ...deviceFaults])('the fault "$name" has its place once, and its test', (fault) => {
  const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
  expect(text(fault.file).split(fault.find)).toHaveLength(2)
  expect(text(fault.testFile)).not.toBe('')
})
