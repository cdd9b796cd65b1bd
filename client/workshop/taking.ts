import { mkdirSync, rmSync } from 'node:fs'
import type { AuthorityProcess } from './authority/authority.ts'
import type { Take } from './api.ts'
import { RoomError } from './errors.ts'
import { switchCalled } from './switches.ts'
import { openStick, type Program, type Stick, takeOnly } from './thief.ts'

const archive = 'passed.archive'

/**
 * Copies keys and what has passed into a folder, as somebody would who is no part of this, and opens them there.
 * @param stick the folder; what was in it goes
 * @param mode whose keys are wanted; where there are none, those of another
 * @returns null where no key was ever made
 */
export async function takeKeys(
  authority: AuthorityProcess,
  stick: string,
  program: Program,
  mode: string,
  take: Take,
): Promise<Stick | null> {
  rmSync(stick, { recursive: true, force: true })
  mkdirSync(stick, { mode: 0o700 })
  const files = await authority.copy(stick)
  const keys = keysOf(files, mode)
  const known = switchCalled(modeOf(keys[0] ?? ''))
  if (!known) {
    rmSync(stick, { recursive: true, force: true })
    return null
  }
  const taken = keys.filter((_name, i) =>
    take.by === 'thief' ? take.all || i === 0 : take.states.includes(known.holders[i]?.jurisdiction ?? ''),
  )
  if (taken.length === 0) {
    rmSync(stick, { recursive: true, force: true })
    throw new RoomError('bad-request', 'Nobody who holds a key sits in that state.')
  }
  takeOnly(stick, [...taken, archive])
  return openStick(program, stick, taken)
}

const modeOf = (file: string) => file.split('.')[0] ?? ''

function keysOf(files: readonly string[], mode: string): readonly string[] {
  const keys = files.filter((name) => name.endsWith('.key'))
  const now = keys.filter((name) => modeOf(name) === mode)
  return now.length > 0 ? now : keys.filter((name) => modeOf(name) === modeOf(keys[0] ?? ''))
}
