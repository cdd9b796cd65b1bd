import { measureExpanded, measureLinear, measureMemory, measureOpening, measureWorkers } from './lab.ts'
import { report } from './report.ts'
import { measureWorlds } from './worlds.ts'

/* `npm run bench:lab`: what the lab does, over and over. */

await report('bench:lab', 'The lab', [
  measureOpening,
  measureExpanded,
  measureWorkers,
  measureMemory,
  measureLinear,
  measureWorlds,
])
