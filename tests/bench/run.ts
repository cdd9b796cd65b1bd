import { measureEscrow } from './escrow.ts'
import { measureIdle } from './relay/idle.ts'
import { measureRelay } from './relay/relay.ts'
import { report } from './report.ts'

/* `npm run bench`: everything of our own but for the single message, which `npm run bench:messages` measures. */

await report('bench', 'Our own', [measureEscrow, measureRelay, measureIdle])
