import { measureBrokers } from './peers/brokers.ts'
import { install } from './peers/list.ts'
import { measurePeers } from './peers/measure.ts'
import { report } from './report.ts'

/* `npm run bench:peers`: other people's programs beside ours. They are installed in a folder of their own. */

const fault = install()
if (fault !== null) console.error(`the peers could not be installed: ${fault}`)
await report('bench:peers', 'Beside others', [measurePeers, measureBrokers])
