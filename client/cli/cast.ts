import { finish, run, type Running } from './running.ts'
import { visible } from '../words/visible.ts'

/** name -> that person's `doormat chat`, a process of its own */
export type Cast = ReadonlyMap<string, Running>

/** Registers people and opens each conversation at both its ends: real processes against a real relay. */
export async function openConversations(
  pairs: readonly (readonly [string, string])[],
  relayUrl: string,
  folder: string,
): Promise<Cast> {
  for (const pair of pairs)
    await Promise.all(
      pair.map((name) =>
        finish(
          name,
          ['register', name, '--no-passphrase', '--home', name, '--relay', relayUrl, '--no-receipts'],
          folder,
        ),
      ),
    )
  const cast = new Map<string, Running>()
  for (const [one, other] of pairs) {
    cast.set(one, run(one, ['chat', other, '--home', one], folder))
    cast.set(other, run(other, ['chat', one, '--home', other], folder))
  }
  for (const device of cast.values()) await device.line('-- ')
  return cast
}

/** Types a line at one end and waits for it at the other. @returns the line as the other end printed it */
export async function pass(cast: Cast, from: string, to: string, text: string): Promise<string> {
  const [sender, recipient] = [cast.get(from), cast.get(to)]
  if (!sender || !recipient) throw new Error(`${from} or ${to} is not in this cast`)
  sender.say(text)
  return recipient.line(visible(text))
}

export async function startRelayProcess(
  folder: string,
  archive: string,
): Promise<{ readonly relay: Running; readonly url: string }> {
  const relay = run('relay', ['relay', '--dir', 'relay', '--port', '0', '--archive', archive, '--json'], folder)
  const { url } = JSON.parse(await relay.line('"url"')) as { url: string }
  return { relay, url }
}

/** How an operator's switch is called against that relay. */
export const accessArguments = (url: string, ...which: string[]): string[] => [
  'access',
  ...which,
  '--relay',
  url,
  '--token-file',
  'relay/operator.token',
]
