import { writeFileSync } from 'node:fs'
import { findingsPage } from './findings.ts'

/** Writes docs/findings.md from a run of the lab: `npm run findings`. */
writeFileSync(new URL('findings.md', import.meta.url), await findingsPage())
