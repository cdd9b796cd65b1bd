import { run, type Running } from './running.ts'
import { visible } from '../words/visible.ts'

/** name -> that person's `doormat chat`, a process of its own */
export type Cast = ReadonlyMap<string, Running>

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
