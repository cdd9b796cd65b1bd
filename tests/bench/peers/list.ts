import { spawnSync } from 'node:child_process'
import about from './package.json' with { type: 'json' }
import type { Contender } from '../contender.ts'
import { home } from './home.ts'
import { olm } from './olm.ts'
import { proteus } from './proteus.ts'
import { signal } from './signal.ts'
import { whiskey } from './whiskey.ts'

interface Peer {
  readonly name: string
  readonly version: string
  load(): Promise<Contender>
  /** what it does more or less than we do */
  readonly differs: string
}

const versions = about.dependencies

/** Every peer, named as its contender is. */
export const peers: readonly Peer[] = [
  {
    name: 'libsignal-client',
    version: versions['@signalapp/libsignal-client'],
    load: signal,
    differs:
      'native Rust with processor-specific AES and curves; PQXDH, and with every message a post-quantum ratchet (SPQR), which we do not have; headers in clear, no committing encryption; pads to 16 bytes (AES-CBC); the bundle has two signatures to check where ours has three and two on the device list; each call crosses to the native side and back asynchronously',
  },
  {
    name: 'olm',
    version: versions['@matrix-org/olm'],
    load: olm,
    differs:
      'C and C++ in WebAssembly; three DHs and nothing post-quantum; headers in clear, an 8-byte MAC, base64 on the wire; one signature checked (the one-time key), none in the library itself',
  },
  {
    name: 'proteus',
    version: versions['@wireapp/proteus'],
    load: proteus,
    differs:
      'JavaScript over libsodium (WebAssembly); nothing post-quantum; headers in clear; ChaCha20 and a MAC; one signature checked',
  },
  {
    name: 'libsignal (WhiskeySockets)',
    version: versions['libsignal'],
    load: whiskey,
    differs:
      "JavaScript with Node's native AES, HMAC and X25519, signatures in JavaScript; X3DH, nothing post-quantum; headers in clear, an 8-byte MAC; one signature checked; its session is kept as an object, not serialised",
  },
]

/** Installs them in their own folder, from the lock that is kept there. @returns why not, or null */
export function install(): string | null {
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: home, encoding: 'utf8' })
  return status === 0 ? null : stderr.trim().split('\n').slice(-3).join(' ')
}
