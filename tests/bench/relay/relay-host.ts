import { setTimeout as sleep } from 'node:timers/promises'
import { startRelay } from '../../../server/main.ts'
import { profileOf } from '../profile.ts'
import { answerParent } from './processes.ts'

/* The relay in a process of its own, as `doormat relay` starts it but for its log; and what only that process can tell of itself. */

const [directory = ''] = process.argv.slice(2)
const relay = await startRelay({
  directory,
  host: '127.0.0.1',
  names: [],
  port: 0,
  certificate: null,
  archivePath: null,
  address: null,
  authority: null,
  logLevel: 'silent',
})

answerParent({
  url: () => relay.url,
  profile: (seconds: number) => profileOf(() => sleep(seconds * 1000), 12),
})
