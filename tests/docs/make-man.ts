import { writeFileSync } from 'node:fs'
import { manPage } from './man.ts'

/** Writes docs/doormat.1 from the program itself: `npm run man`. */
writeFileSync(new URL('../../docs/doormat.1', import.meta.url), manPage())
