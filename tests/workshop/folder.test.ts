import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkFolder, purge } from '../../client/workshop/round.ts'
import { folder } from '../support/relay-folder.ts'

it('a workshop knows its archive’s files for its own, and purges them with the archive', () => {
  const place = folder()
  writeFileSync(join(place, 'passed.archive'), '')
  mkdirSync(join(place, 'passed.archive.blobs'))
  writeFileSync(join(place, 'passed.archive.blobs', 'a'.repeat(64)), 'sealed')
  expect(() => checkFolder(place)).not.toThrow()
  purge(place)
  expect(readdirSync(place)).toEqual([])
})
