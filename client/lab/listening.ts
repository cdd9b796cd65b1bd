import { puppetOf } from '../../crypto/access/puppet.ts'
import { answerChallenge } from '../../crypto/identity.ts'
import { type Connection, type Relay, RelayError } from '../../server/api.ts'

/** The authority at the mailboxes of its ghosts: it has what lies there from its archive, and lets the relay forget. */
export interface Listening {
  /** From now on, or from when the relay has housed a ghost for them. */
  to(seed: Uint8Array, users: readonly string[]): void
  collect(): Promise<void>
}

interface Mailbox {
  readonly connection: Connection
  readonly last: () => number
}

export function createListening(relay: Relay): Listening {
  const waiting = new Map<string, { readonly seed: Uint8Array; readonly user: string }>()
  const mailboxes: Mailbox[] = []

  /** @returns null while nobody has asked the directory about the person, and so nothing has been written to the ghost */
  async function open(seed: Uint8Array, user: string): Promise<Mailbox | null> {
    const { device } = puppetOf(seed, user)
    let last = 0
    try {
      const connection = await relay.connect((policyKey, challenge) => answerChallenge(device, policyKey, challenge), {
        ready: () => undefined,
        deliver: ({ sequence }) => void (last = sequence),
        policy: () => undefined,
        closed: () => undefined,
      })
      return { connection, last: () => last }
    } catch (error) {
      if (error instanceof RelayError) return null
      throw error
    }
  }

  return {
    to(seed, users) {
      for (const user of users) waiting.set(`${seed.join()} ${user}`, { seed, user })
    },
    async collect() {
      for (const [name, { seed, user }] of waiting) {
        const mailbox = await open(seed, user)
        if (!mailbox) continue
        waiting.delete(name)
        mailboxes.push(mailbox)
      }
      for (const { connection, last } of mailboxes) await connection.acknowledge(last())
    },
  }
}
