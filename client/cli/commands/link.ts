import { setTimeout as sleep } from 'node:timers/promises'
import { renderUnicodeCompact } from 'uqr'
import { hex } from '../../../crypto/bytes.ts'
import { CryptoError } from '../../../crypto/errors.ts'
import { type LinkSecret, linkCode, newLinkSecret, readLinkCode } from '../../../crypto/linking.ts'
import { systemRandom } from '../../../crypto/random.ts'
import { ClientError } from '../../device/errors.ts'
import { type Agree, approveDevice, joinAccount, removeDevice } from '../../device/linking.ts'
import { relayAt } from '../../node/relay.ts'
import { openStore } from '../../node/store.ts'
import { atRelayOf, deviceIn, whileOnline } from '../context.ts'
import { Stop } from '../exit.ts'
import { howKept, makeStore, type PassphraseFlags } from '../passphrase.ts'
import { type PlaceFlags, placeOf } from '../place.ts'
import { print, printed } from '../output.ts'
import { type Questions, isYes, openQuestions } from '../questions.ts'
import { deviceName as nameOf } from '../../words/device-name.ts'
import { safeJson } from '../../words/visible.ts'
import { untilOnline } from '../waiting.ts'

export interface LinkFlags extends PassphraseFlags, PlaceFlags {
  readonly home: string
  readonly refuseAccess?: boolean
  readonly receipts: boolean
  readonly json?: boolean
}

const lookEveryMs = 500
const waitForMs = 10 * 60_000

/** Waits between looks, for ten minutes in all. */
function patience(): () => Promise<void> {
  const end = performance.now() + waitForMs
  return async () => {
    if (performance.now() > end)
      throw new ClientError('link-failed', 'the other device did not answer within ten minutes', 'doormat link')
    await sleep(lookEveryMs)
  }
}

/** Makes this folder a further device of an account: shows a code, which the account's first device approves. */
export async function link(flags: LinkFlags): Promise<void> {
  const { url, ca } = placeOf(flags, (address) => `doormat link --relay ${address}`)
  const relay = relayAt(url, ca)
  await relay.policyKey()
  const vault = await makeStore(flags.home, flags, 'doormat link')
  const secret = newLinkSecret(systemRandom)
  const questions = openQuestions()
  try {
    show(secret, flags.json ?? false)
    await printed()
    const store = openStore(flags.home, () => vault)
    try {
      const choices = { refusesAccess: flags.refuseAccess ?? false, receipts: flags.receipts }
      const agree = agreeing(questions, flags.json ?? false)
      const end = { relay, secret, random: systemRandom, pause: patience(), agree }
      await joinAccount(store, { relayUrl: url, relayCa: ca }, choices, end)
    } finally {
      store.close()
    }
  } finally {
    questions.close()
  }
  await whileOnline(
    flags.home,
    async (device, connection) => {
      await untilOnline(connection)
      const { user, id } = device.self.device.record
      if (flags.json) print(safeJson({ user, device: hex(id), devices: device.self.list.devices.length }))
      else
        print(
          `this is now a device of ${user}, one of ${device.self.list.devices.length}; its keys are in ${flags.home}, ${howKept(flags)}`,
        )
    },
    vault,
  )
}

function show(secret: LinkSecret, json: boolean): void {
  const code = linkCode(secret)
  if (json) return print(safeJson({ code }))
  if (process.stdout.isTTY) print(renderUnicodeCompact(code, { border: 1 }))
  print(`  ${code}\n`)
  print('Within ten minutes, run this on your first device and type the code in: doormat link approve')
  print('Show the code to nobody else: whoever has it can read your contacts.')
}

/** Shows the number, and asks. */
const agreeing =
  (questions: Questions, json: boolean): Agree =>
  async (number) => {
    print(json ? safeJson({ number: number.join(' ') }) : `number: ${number.join(' ')}`)
    return isYes(await questions.ask('Does your other device show the same number, all of it? [y/N] '))
  }

/** On the account's first device. */
export async function approve(words: readonly string[], flags: { readonly home: string }): Promise<void> {
  if (words.length > 0)
    throw new Stop(
      'user',
      'the code is a secret, and others on this machine can see the arguments of a command: leave it out, and you are asked for it',
      'doormat link approve',
    )
  const device = await deviceIn(flags.home)
  const questions = openQuestions()
  try {
    const { user } = device.self.device.record
    device.self.accountSecret()
    const secret = secretOf(await questions.ask(`The code that the new device of ${user} shows: `))
    const record = await atRelayOf(device, (relay) =>
      approveDevice(device, {
        relay,
        secret,
        random: systemRandom,
        pause: patience(),
        agree: agreeing(questions, false),
      }),
    )
    print(`${nameOf(record)} is now a device of ${user}, one of ${device.self.list.devices.length}`)
  } finally {
    questions.close()
    device.store.close()
  }
}

/** A code that was mistyped is no attack. */
function secretOf(code: string): LinkSecret {
  try {
    return readLinkCode(code)
  } catch (error) {
    if (error instanceof CryptoError) throw new Stop('user', error.message, 'doormat link approve')
    throw error
  }
}

/** The devices of one's own account. */
export async function devices(flags: { readonly home: string; readonly json?: boolean }): Promise<void> {
  const device = await deviceIn(flags.home)
  const { id } = device.self.device.record
  for (const record of device.self.list.devices) {
    const isThis = nameOf(record) === hex(id).slice(0, 16)
    if (flags.json) print(safeJson({ device: hex(record.id), this: isThis }))
    else print(isThis ? `${nameOf(record)}  this device` : nameOf(record))
  }
  device.store.close()
}

/** From its name, or as much of it as no other shares. */
export async function remove(name: string, flags: { readonly home: string }): Promise<void> {
  const device = await deviceIn(flags.home)
  try {
    const found = device.self.list.devices.filter(({ id }) => hex(id).startsWith(name.toLowerCase()))
    const [record] = found
    if (!record || found.length > 1)
      throw new Stop('user', `${found.length} devices of yours begin with that`, 'doormat devices')
    if (nameOf(record) === nameOf(device.self.device.record))
      throw new Stop('user', 'the first device of an account cannot remove itself', 'doormat devices')
    await atRelayOf(device, (relay) => removeDevice(device, relay, record.id))
    print(`${nameOf(record)} is no longer one of your devices`)
  } finally {
    device.store.close()
  }
}
