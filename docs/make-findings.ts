import { writeFileSync } from 'node:fs'
import { drawFindings } from './findings.ts'

/** Writes docs/findings.md and docs/matrix.svg from a run of the lab: `npm run findings`. */
const { page, picture } = await drawFindings()
writeFileSync(new URL('findings.md', import.meta.url), page)
writeFileSync(new URL('matrix.svg', import.meta.url), picture)
