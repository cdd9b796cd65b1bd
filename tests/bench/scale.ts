/** How much is measured: all that the page needs, or just enough to see that everything still works. */
export interface Scale {
  readonly rounds: number
  readonly warmUps: number
  /** of messages: an engine goes on compiling until some 3,000 short ones have passed */
  readonly messageWarmUps: number
  /** a round; fewer of those that are long */
  readonly messages: number
  readonly turns: number
  readonly setUps: number
  /** sockets at once, each a table row; and messages a second, offered to all whether or not the relay keeps up */
  readonly sockets: readonly { readonly count: number; readonly rates: readonly number[] }[]
  readonly relayRounds: number
  readonly relaySeconds: number
  readonly idleSockets: number
  /** of the lab: messages of a small world; envelopes that threads read; records of a long archive */
  readonly labMessages: number
  readonly labEnvelopes: number
  readonly labArchive: number
  /** people of a whole world, null: it is left out; messages of a dataset, null: all */
  readonly labPeople: number | null
  readonly labDataset: number | null
  /** of a room: devices besides the page, and how often each speaks */
  readonly roomGuests: number
  readonly roomTurns: number
}

export const full: Scale = {
  rounds: 31,
  warmUps: 4,
  messageWarmUps: 16,
  messages: 200,
  turns: 60,
  setUps: 6,
  sockets: [
    { count: 50, rates: [2000, 10_000] },
    { count: 1000, rates: [2000, 5000] },
  ],
  relayRounds: 5,
  relaySeconds: 3,
  idleSockets: 10_000,
  labMessages: 240,
  labEnvelopes: 4000,
  labArchive: 1_000_000,
  labPeople: 300,
  labDataset: null,
  roomGuests: 29,
  roomTurns: 12,
}

export const tiny: Scale = {
  rounds: 1,
  warmUps: 0,
  messageWarmUps: 0,
  messages: 2,
  turns: 2,
  setUps: 1,
  sockets: [{ count: 4, rates: [100, 200] }],
  relayRounds: 1,
  relaySeconds: 0.1,
  idleSockets: 4,
  labMessages: 12,
  labEnvelopes: 8,
  labArchive: 100,
  labPeople: null,
  labDataset: 10,
  roomGuests: 2,
  roomTurns: 1,
}
