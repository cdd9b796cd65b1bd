import { RelayError } from '../../../server/api.ts'
import type { Network, Reply, Question, Socket, SocketEar } from '../../device/network.ts'

const answerWithinMs = 15_000
/** For a part of a file, as in a terminal. */
const largeWithinMs = 5 * 60_000
const answerMaximumBytes = 1024 * 1024

const unreachable = ({ origin }: URL) => new RelayError('unreachable', `no relay answers at ${origin}`)

async function exchange(address: URL, { method, headers, body, signal, isLarge }: Question): Promise<Reply> {
  const limit = AbortSignal.timeout(isLarge ? largeWithinMs : answerWithinMs)
  const asking: RequestInit = {
    method,
    headers,
    redirect: 'error',
    credentials: 'omit',
    cache: 'no-store',
    signal: signal ? AbortSignal.any([limit, signal]) : limit,
    ...(body === undefined ? {} : { body: body as BodyInit }),
  }
  const { status, bytes } = await fetch(address, asking)
    .then(async (response) => ({ status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) }))
    .catch(() => {
      throw unreachable(address)
    })
  if (bytes.length > answerMaximumBytes) throw new RelayError('internal', 'the answer is longer than any of a relay')
  return { status, bytes }
}

function open(address: URL, ear: SocketEar): Socket {
  const socket = new WebSocket(address)
  socket.binaryType = 'arraybuffer'
  let closed = false
  /** A browser waits long for a network that is gone, and says nothing of why. */
  function close(fault: RelayError | null): void {
    if (closed) return
    closed = true
    clearTimeout(opening)
    ear.closed(fault)
  }
  const page = new URL(address)
  page.protocol = address.protocol === 'wss:' ? 'https:' : 'http:'
  const terminate = () => {
    socket.close()
    close(unreachable(page))
  }
  const opening = setTimeout(terminate, answerWithinMs)
  socket.addEventListener('open', () => clearTimeout(opening))
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (closed) return
    if (typeof data === 'string') ear.text(data)
    else ear.bytes(new Uint8Array(data))
  })
  socket.addEventListener('error', () => close(unreachable(page)))
  socket.addEventListener('close', () => close(null))
  return {
    get isOpen() {
      return !closed && socket.readyState === WebSocket.OPEN
    },
    send: (frame) => socket.send(frame as string | Uint8Array<ArrayBuffer>),
    close: () => socket.close(),
    terminate,
  }
}

/** A browser's: it follows no redirection, and keeps pings to itself. */
export const browserNetwork: Network = { exchange, open, hearsPings: false }
