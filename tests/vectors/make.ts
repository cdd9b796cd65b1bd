// Writes the protocol's own vectors anew: tsx tests/vectors/make.ts (v1.json, of suite 1, stays as it is)
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { vectorsFile, vectorsText } from './v2.ts'

writeFileSync(vectorsFile, vectorsText())
console.log(`wrote ${fileURLToPath(vectorsFile)}`)
