import { writeFileSync } from 'node:fs'
import { whoHoldsWhatPicture } from './who-holds-what.ts'

/** Writes docs/who-holds-what.svg from the secrets of the access modes: `npm run holders`. */
writeFileSync(new URL('../../docs/who-holds-what.svg', import.meta.url), whoHoldsWhatPicture())
