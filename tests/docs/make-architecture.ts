import { writeFileSync } from 'node:fs'
import { architecturePicture } from './architecture.ts'

/** Writes docs/architecture.svg from the imports of the code: `npm run architecture`. */
writeFileSync(new URL('../../docs/architecture.svg', import.meta.url), architecturePicture())
