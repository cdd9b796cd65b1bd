import type { RelayError } from '../../server/api.ts'

export interface Question {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** the answer is large, and a narrow way takes its time: it is given up only when nothing more comes */
  readonly isLarge?: boolean
  readonly signal?: AbortSignal | undefined
}

export interface Reply {
  readonly status: number
  readonly bytes: Uint8Array
}

/** What is heard of a WebSocket. */
export interface SocketEar {
  text(text: string): void
  bytes(bytes: Uint8Array): void
  /** a sign of life, where `hearsPings` */
  pinged(): void
  /** The last that is heard. @param fault why, where it was no goodbye */
  closed(fault: RelayError | null): void
}

export interface Socket {
  /** from the end of the handshake until it is closed */
  readonly isOpen: boolean
  send(frame: string | Uint8Array): void
  /** Says goodbye, and waits for the other side's. */
  close(): void
  /** Ends it at once. */
  terminate(): void
}

/** What a device asks of the network around it: Node and a browser have one each. */
export interface Network {
  /**
   * Asks once, and follows no redirection: what is meant for a relay goes to no other place.
   * @throws RelayError `unreachable` after 15 seconds (for a large answer after 15 without a byte of it, and after five minutes) or at once | `bad-certificate` | `foreign-host` | `internal` for an answer beyond 1 MiB
   */
  exchange(address: URL, question: Question): Promise<Reply>
  /** @param address `ws://` or `wss://` */
  open(address: URL, ear: SocketEar): Socket
  /** a browser keeps pings to itself */
  readonly hearsPings: boolean
}
