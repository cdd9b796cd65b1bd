// Writes the protocol's own vectors anew: tsx tests/vectors/make.ts
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { vectorsFile, vectorsText } from './v1.ts'

writeFileSync(vectorsFile, vectorsText())
console.log(`wrote ${fileURLToPath(vectorsFile)}`)
