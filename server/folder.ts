import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart } from './errors.ts'
import { ownersAlone, privateFile } from './disk/private.ts'
import { openLock } from './sqlite.ts'
import { writeWhole } from './disk/whole-file.ts'

/**
 * One relay a folder: the system gives the lock back when its process ends, however it ends.
 * @returns gives it back
 * @throws CannotStart when another relay has it
 */
export function lockFolder(path: string): () => void {
  const release = openLock(privateFile(join(path, 'relay.lock')))
  if (!release) throw new CannotStart(`another relay already runs in ${path}`, 'doormat relay --dir ANOTHER --port 0')
  return release
}

/** Reads a secret of one line, or makes it at first start, for its owner's eyes only: whole and on disk, or not there. */
export function secretFile(folder: string, name: string, make: () => string): string {
  const path = join(folder, name)
  if (!existsSync(path)) writeWhole(path, `${make()}\n`, 0o600)
  ownersAlone(path)
  return readFileSync(path, 'utf8').trim()
}
