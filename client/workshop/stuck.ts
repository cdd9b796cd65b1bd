import type { HostView } from './api.ts'

interface Standing {
  readonly people: readonly string[]
  readonly online: readonly string[]
  /** of whom the server has carried anything */
  readonly senders: ReadonlySet<string>
  /** who has answered what is asked now; null while nothing is asked */
  readonly answered: ReadonlySet<string> | null
}

/** Who may need help: by what the server sees of each, and never by what they write. */
export const stuckIn = ({ people, online, senders, answered }: Standing): HostView['stuck'] => ({
  away: people.filter((name) => !online.includes(name)),
  silent: people.filter((name) => !senders.has(name)),
  unanswered: answered ? people.filter((name) => !answered.has(name)) : [],
})
