import { modeCalled, modes } from '../../../crypto/access/index.ts'
import type { Tapping } from '../../../crypto/access/tap.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { instrumentMaximumBytes } from '../../../server/api.ts'
import { AuthorityError } from '../../authority/errors.ts'
import { readInstrument, readSecretKey, writeInstrument } from '../../authority/key-file.ts'
import { Stop } from '../exit.ts'
import { print } from '../output.ts'
import { checkPerson } from '../person.ts'
import { listed } from '../../words/listed.ts'
import { safeJson, visible } from '../../words/visible.ts'
import { type AccessFlags, operatorAt } from './access.ts'

/*
 * Where an operator has a part in a mode: the authority makes an instrument for those whom it names, and the operator
 * installs it at the relay.
 */

export interface InstrumentFlags {
  readonly mode: string
  readonly key: readonly string[]
  readonly person: readonly string[]
  readonly out: string
}

/** The authority's part. */
export function instrument(flags: InstrumentFlags): void {
  const tapping = tappingOf(flags.mode)
  const keys = flags.key.map(readSecretKey)
  const i = keys.findIndex(({ mode }) => mode !== flags.mode)
  if (i !== -1)
    throw new AuthorityError(
      'bad-key-file',
      `${flags.key[i]} is a key of ${keys[i]?.mode}, not of ${flags.mode}`,
      `doormat authority init --mode ${flags.mode} --out FILE`,
    )
  const people = [...new Set(flags.person)]
  people.forEach(checkPerson)
  const bytes = orDamaged(() =>
    tapping.instrument(
      keys.map(({ secret }) => secret),
      people,
    ),
  )
  if (bytes.length > instrumentMaximumBytes)
    throw new Stop(
      'user',
      `an instrument for ${people.length} people has ${bytes.length} bytes, and a relay takes ${instrumentMaximumBytes}: name fewer`,
    )
  writeInstrument(flags.out, { mode: flags.mode, instrument: bytes })
  print(`${flags.out}: an instrument of ${flags.mode}, for ${listed(people)}`)
  if (tapping.operatorLearns)
    print('It contains the key itself: the operator, and whoever else has a copy of it, can read as well.')
  print(`For the operator: doormat access tap ${flags.mode} ${flags.out}`)
}

/** The operator's part. */
export async function tap(modeId: string, file: string, flags: AccessFlags): Promise<void> {
  const tapping = tappingOf(modeId)
  const { mode, instrument } = readInstrument(file)
  if (mode !== modeId)
    throw new Stop(
      'user',
      `${file} is an instrument of ${mode}, not of ${modeId}`,
      `doormat authority instrument --mode ${modeId} --key FILE --person NAME --out FILE`,
    )
  const people = orDamaged(() => tapping.targets(instrument), file)
  const { relay, token } = await operatorAt(flags, `doormat access tap ${modeId} ${file}`)
  const status = await relay.access()
  if (status.mode !== modeId)
    throw new Stop(
      'user',
      `${modeId} is not in force at this relay: ${status.mode === 'none' ? 'no access mode' : visible(status.mode)} is`,
      `doormat access on ${modeId} --authority-key FILE`,
    )
  await relay.installTap(token, modeId, instrument)
  if (flags.json) return print(safeJson({ mode: modeId, people }))
  print(`Tapped under ${modeId}: ${people.length === 0 ? 'everybody' : listed(people)}. Any tap before it has ended.`)
  print("It is only in the relay's memory: switching the mode off, or to another, ends it, and so does a restart.")
}

function tappingOf(modeId: string): Tapping {
  const withTap = modes.filter(({ tapping }) => tapping).map(({ id }) => id)
  if (!modes.some(({ id }) => id === modeId))
    throw new Stop('user', `there is no access mode ${visible(modeId)}; those with a tap are ${withTap.join(' and ')}`)
  const { tapping } = modeCalled(modeId)
  if (!tapping)
    throw new Stop(
      'user',
      `${modeId} needs no tap: the operator only switches it on. Those with a tap are ${withTap.join(' and ')}`,
    )
  return tapping
}

/** What a file holds may be no key or instrument of the mode that it names. */
function orDamaged<T>(work: () => T, file = 'the key'): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CryptoError) throw new AuthorityError('bad-key-file', `${file}: ${error.message}`)
    throw error
  }
}
