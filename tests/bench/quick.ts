import { measureRelay } from './relay/relay.ts'
import { measureIdle } from './relay/idle.ts'
import { full } from './scale.ts'
const sockets = (process.argv[2] ?? '50').split(',').map(Number)
const scale = { ...full, sockets, relayRounds: Number(process.argv[3] ?? 3), relaySeconds: 2, idleSockets: 4000 }
if (process.argv[4] === 'idle') console.log((await measureIdle(scale)).body)
else console.log((await measureRelay(scale)).body.split('\n').slice(8).join('\n'))
process.exit()
