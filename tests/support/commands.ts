import type { Command } from 'commander'
import { buildProgram } from '../../client/cli/program.ts'

/** Where the commands of the table find what they work on. */
export interface Places {
  /** of the relay that is there for all */
  readonly url: string
  /** a folder with Alice's device, keys of an authority, a desk, an archive */
  readonly base: string
}

/**
 * How a command is called in the table of faults, and what it does then, if there is no fault:
 * `prints` on standard output and ends with 0; `stays` until it is ended, and prints at its beginning; `acts`, and may have
 * nothing to print, or a refusal to tell.
 */
export interface Row {
  readonly does: 'prints' | 'stays' | 'acts'
  readonly args: (places: Places) => readonly string[]
  /** takes seconds of processor time if it is not stopped early */
  readonly heavy?: true
}

const home = ({ base }: Places) => ['--home', `${base}/alice`]
const relay = ({ url }: Places) => ['--relay', url]
const operator = (places: Places) => [...relay(places), '--token-file', `${places.base}/operator.token`]
const key = ({ base }: Places) => ['--key', `${base}/escrow.key`]
const evidence = (places: Places) => [...key(places), '--archive', `${places.base}/passed.archive`]
const desk = ({ base }: Places) => ['--desk', `${base}/desk`]
const exercises = ({ base }: Places) => ['--dir', `${base}/exercises`]

const row = (does: Row['does'], ...parts: readonly (string | ((places: Places) => readonly string[]))[]): Row => ({
  does,
  args: (places) => parts.flatMap((part) => (typeof part === 'string' ? [part] : part(places))),
})
const heavy = (one: Row): Row => ({ ...one, heavy: true })

/** Every command of the program, by what is typed behind `doormat`. */
export const rows: Readonly<Record<string, Row>> = {
  'demo': heavy(row('stays', '--yes')),
  'relay': row('stays', '--port', '0', '--json', '--dir', ({ base }) => [`${base}/another`]),
  'register': row('acts', 'alice', '--no-passphrase', home, relay),
  'status': row('prints', home),
  'chat': row('stays', 'bob', home),
  'send': row('prints', 'bob', 'hello again', '--json', home),
  'react': row('acts', 'bob', 'none', '👍', home),
  'delete': row('acts', 'bob', 'none', home),
  'save': row('acts', 'bob', home),
  'listen': row('stays', '--json', '--since', '0', home),
  'history': row('prints', home),
  'search': row('acts', 'hello', home),
  'contacts': row('prints', home),
  'contacts accept': row('acts', 'bob', home),
  'contacts refuse': row('acts', 'bob', home),
  'contacts block': row('acts', 'nobody', home),
  'contacts unblock': row('acts', 'nobody', home),
  'contacts lifetime': row('acts', 'nobody', '7d', home),
  'group new': row('acts', 'A group', 'nobody', home),
  'group list': row('prints', home),
  'group show': row('acts', 'No group', home),
  'group add': row('acts', 'No group', 'bob', home),
  'group remove': row('acts', 'No group', 'bob', home),
  'group admin': row('acts', 'No group', 'bob', home),
  'group rename': row('acts', 'No group', 'Another', home),
  'group lifetime': row('acts', 'No group', '7d', home),
  'group leave': row('acts', 'No group', home),
  'link': row('stays', '--no-passphrase', relay, '--home', ({ base }) => [`${base}/linking`]),
  'link approve': row('acts', home),
  'move': row('acts', ({ url }) => [url], home),
  'devices': row('prints', home),
  'devices remove': row('acts', 'ffff', home),
  'passphrase': row('acts', '--no-passphrase', home),
  'mute': row('acts', 'bob', home),
  'unmute': row('acts', 'bob', home),
  'backup': row('acts', ({ base }) => [`${base}/alice.backup`, '--passphrase-file', `${base}/no.passphrase`], home),
  'export': row('prints', ({ base }) => [`${base}/exported`], home),
  'restore': row('acts', ({ base }) => [`${base}/no.backup`], home),
  'forget': row('acts', 'bob', '--id', 'none', '--yes', home),
  'verify': row('prints', 'bob', home),
  'access status': row('prints', relay),
  'access modes': row('prints'),
  'access on': row('prints', 'message-key-escrow', operator, '--authority-key', ({ base }) => [
    `${base}/escrow.key.pub`,
  ]),
  'access off': row('prints', operator),
  'access tap': row('acts', 'ghost-device', 'no.instrument', operator),
  'authority init': row('acts', '--out', ({ base }) => [`${base}/escrow.key`]),
  'authority instrument': row('acts', '--mode', 'ghost-device', '--person', 'alice', key, '--out', ({ base }) => [
    `${base}/an.instrument`,
  ]),
  'authority open': row('prints', evidence),
  'authority search': row('prints', 'hello', evidence),
  'authority export': row('acts', evidence, '--out', ({ base }) => [`${base}/transcript`]),
  'authority order issuer': row('acts', '--name', 'a court', '--jurisdiction', 'uk', '--out', ({ base }) => [
    `${base}/court.key`,
  ]),
  'authority order desk': row('prints', desk),
  'authority order draft': row(
    'acts',
    ...['--serial', '1', '--standard', 'uk-interception', '--person', 'alice'],
    ...['--from', '2026-03-01', '--to', '2026-03-08', '--expires', '2036-01-01'],
    ({ base }) => ['--issuer', `${base}/court.key`, '--out', `${base}/order.json`],
  ),
  'authority order submit': row('acts', ({ base }) => [`${base}/order.json`], desk),
  'authority order review': row('acts', '1', desk),
  'authority order execute': row('acts', '1', desk, evidence, '--out', ({ base }) => [`${base}/executed`]),
  'authority order audit': row('prints', desk),
  'lab matrix': heavy(row('prints', '--people', '34')),
  'lab report': heavy(row('prints', '--people', '34', '--out', ({ base }) => [`${base}/report`])),
  'lab sensitivity': heavy(row('prints', '--seeds', '1')),
  'lab replay': row('acts', ({ base }) => ['--dataset', `${base}/no.dataset`, '--text', `${base}/no.text`]),
  'wire': row('prints', ({ base }) => [`${base}/passed.archive`]),
  'workshop': row('stays', '--port', '0', '--keep', ({ base }) => [`${base}/workshop`]),
  'workshop doctor': heavy(row('stays', '--port', '0')),
  'exercise list': row('prints', exercises),
  'exercise start': heavy(row('prints', 'wire', exercises)),
  'exercise check': row('acts', 'wire', 'none', exercises),
  'exercise grade': row('acts', ({ base }) => [`${base}/exercises`]),
  'completion': row('prints', 'bash'),
}

/** What the program has, by what is typed behind `doormat`: whatever does something, also where there is more below it. */
export function commandsOfProgram(): string[] {
  const below = (command: Command, path: readonly string[]): string[] =>
    command.commands.flatMap((one) => {
      const here = [...path, one.name()]
      const acts = '_actionHandler' in one && one._actionHandler !== null
      return [...(acts ? [here.join(' ')] : []), ...below(one, here)]
    })
  return below(buildProgram(), [])
}
