import { afterAll } from 'vitest'
import { loadNative } from '../../server/native.ts'
import { countProcessor } from './processor.ts'

afterAll(countProcessor())

/** Of this process, in which files follow one another: the timers as they were before any of them. */
const kept = Symbol.for('doormat: real timers')
const here = globalThis as { [kept]?: typeof setTimeout }
const real = (here[kept] ??= globalThis.setTimeout)
afterAll(() => {
  if (globalThis.setTimeout !== real) throw new Error('this file has left a clock behind that stands still')
})

// `npm run test:native`; that it has worked, tests/crypto/native.test.ts makes sure of
await loadNative()
