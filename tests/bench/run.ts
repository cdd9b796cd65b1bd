import { measureEscrow } from './escrow.ts'
import { measureMessages } from './messages.ts'
import { measureIdle } from './relay/idle.ts'
import { measureRelay } from './relay/relay.ts'
import { report } from './report.ts'

/* `npm run bench`: everything of our own. */

await report('bench', 'Our own', [measureMessages, measureEscrow, measureRelay, measureIdle])
