import { keySubstitution, middle } from '../../../crypto/access/key-substitution.ts'
import { type AccessMode, type ModeSecret, type ModeSetup, none } from '../../../crypto/access/mode.ts'
import { puppetReader } from '../../../crypto/access/puppet.ts'
import type { Tap } from '../../../crypto/access/tap.ts'
import { keySizeBytes } from '../../../crypto/keys.ts'
import type { Random } from '../../../crypto/random.ts'
import type { MessageSeams } from '../../../crypto/seams.ts'
import type { LocalRelay } from '../../../server/relay.ts'
import type { Phase } from './phase.ts'
import type { Timetable } from './timetable.ts'
import type { World } from '../world/world.ts'

/** Secrets that were made together, and the mode that reads with them. */
export interface KeyRing {
  readonly mode: AccessMode
  readonly secrets: readonly ModeSecret[]
  /** when the mode was switched on with them; simulated time */
  readonly since: number
}

/**
 * One who does what the mode and an order for one person ask of them; one who does their part in the mode for everybody;
 * or one whose relay answers and routes as it likes: with an impostor between any two who begin to write to each other,
 * from the first day.
 */
export type Conduct = 'within the order' | 'for everybody' | 'as it likes'

/** Every secret that there is when a world has been played, by who came to hold it. */
export interface Holdings {
  readonly authority: readonly KeyRing[]
  /** of another state, which compelled the operator to switch once more */
  readonly anotherState: readonly KeyRing[]
  /** secrets of the mode that the operator has to know to play their part */
  readonly operator: readonly KeyRing[]
  /** made by a relay that answers as it likes, without anybody */
  readonly activeRelay: readonly KeyRing[]
}

export interface Operator {
  /** what the operator does by themselves, in order of time */
  readonly moments: readonly { readonly at: number; readonly act: () => Promise<void> }[]
  readonly holdings: Holdings
  /** by the epoch of an envelope */
  phaseOf(epoch: number): Phase
}

export const operatorToken = 'the operator'

/** Switches a mode on, with new keys. */
export async function putInForce(
  relay: LocalRelay,
  mode: AccessMode,
  random: Random,
): Promise<ModeSetup & { readonly epoch: number }> {
  const { parameters, secrets } = mode.setup(random)
  const { epoch } = await relay.switchAccess(operatorToken, mode.id, parameters)
  return { epoch, parameters, secrets }
}

/** Does the operator's part in a mode for the people who are named; nothing where it has none. */
export async function tap(
  relay: LocalRelay,
  { mode, secrets }: Omit<KeyRing, 'since'>,
  targets: readonly string[],
): Promise<void> {
  const held = secrets.map(({ bytes }) => bytes)
  if (mode.tapping) await relay.installTap(operatorToken, mode.id, mode.tapping.instrument(held, targets))
}

export async function createOperator(
  relay: LocalRelay,
  world: World,
  mode: AccessMode,
  timetable: Timetable,
  conduct: Conduct,
  random: Random,
): Promise<Operator> {
  const { on, off, again, rotateEveryMs } = timetable
  const holdings = { authority: [], anotherState: [], operator: [], activeRelay: [] } as {
    [holder in keyof Holdings]: KeyRing[]
  }
  const phaseByEpoch = new Map<number, Phase>()
  const ownSeed = random(keySizeBytes)
  let between: Tap | null = null

  const rotations: number[] = []
  for (let at = on; at < off; at += rotateEveryMs ?? off) rotations.push(at)

  const seamsByEpoch = new Map<number, MessageSeams>()
  const impostors: AccessMode = {
    ...keySubstitution,
    reader: (held) =>
      puppetReader(
        keySubstitution.id,
        held,
        'by either',
        (epoch) => seamsByEpoch.get(epoch) ?? none.join(new Uint8Array()),
      ),
  }
  if (conduct === 'as it likes') {
    const secret = { name: 'seed of its own', holder: 'the relay', jurisdiction: 'any', bytes: ownSeed }
    holdings.activeRelay.push({ mode: impostors, secrets: [secret], since: 0 })
    await turn()
  }

  /** An impostor between any two who begin to write to each other. A switch ends every tap, so it is installed again. */
  async function turn(): Promise<void> {
    await relay.install((line) => (between ??= middle(ownSeed, [], true, line)))
  }

  /** Substitution takes everybody where nobody is named, and a ghost has to be made for each. */
  const everybody = mode.id === keySubstitution.id ? [] : world.people.map(({ name }) => name)

  async function switchOn(at: number, phase: Phase, rings: KeyRing[], targets: readonly string[]): Promise<void> {
    const { epoch, parameters, secrets } = await putInForce(relay, mode, random)
    phaseByEpoch.set(epoch, phase)
    seamsByEpoch.set(epoch, mode.join(parameters))
    const ring = { mode, secrets, since: at }
    if (secrets.length > 0) rings.push(ring)
    if (conduct === 'as it likes') return turn()
    await tap(relay, ring, conduct === 'for everybody' ? everybody : targets)
    if (mode.tapping?.operatorLearns) holdings.operator.push(ring)
  }

  async function switchOff(): Promise<void> {
    const { epoch } = await relay.switchAccess(operatorToken, none.id, new Uint8Array())
    phaseByEpoch.set(epoch, 'after')
    if (conduct === 'as it likes') await turn()
  }

  const moments = [
    ...rotations.map((at) => ({ at, act: () => switchOn(at, 'during', holdings.authority, [world.target]) })),
    { at: off, act: switchOff },
  ]
  if (again !== null)
    moments.push({ at: again, act: () => switchOn(again, 'again', holdings.anotherState, world.listed) })
  return {
    moments,
    holdings,
    phaseOf: (epoch) => phaseByEpoch.get(epoch) ?? 'before',
  }
}
