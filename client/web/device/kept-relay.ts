import type { Connection, Relay } from '../../../server/api.ts'

/**
 * Kept before it leaves: whatever tells the relay, or anybody through it, of what this device remembers waits until that is kept.
 * A browser that is closed in the middle then comes back at most behind what nobody has heard of.
 * @param settled resolves when everything written so far is kept, in the order in which it was asked
 */
export function keptRelay(relay: Relay, settled: () => Promise<void>): Relay {
  const kept = (connection: Connection): Connection => ({
    ...connection,
    async publishPrekeys(prekeys, replace) {
      await settled()
      return connection.publishPrekeys(prekeys, replace)
    },
    async submit(submission) {
      await settled()
      return connection.submit(submission)
    },
    async acknowledge(sequence) {
      await settled()
      return connection.acknowledge(sequence)
    },
  })
  return {
    ...relay,
    async register(list) {
      await settled()
      return relay.register(list)
    },
    async leaveNote(slot, step, note) {
      await settled()
      return relay.leaveNote(slot, step, note)
    },
    connect: async (answer, listener) => kept(await relay.connect(answer, listener)),
  }
}
