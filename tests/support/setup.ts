import { afterAll } from 'vitest'
import { loadNative } from '../../server/native.ts'
import { countProcessor } from './processor.ts'

afterAll(countProcessor())

// `npm run test:native`; that it has worked, tests/crypto/native.test.ts makes sure of
await loadNative()
