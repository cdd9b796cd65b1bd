import { afterAll } from 'vitest'
import { countProcessor } from './processor.ts'

afterAll(countProcessor())
