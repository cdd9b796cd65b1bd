import { measureRoom } from './room.ts'
import { report } from './report.ts'

/* `npm run bench:room`: a workshop with thirty people, for two minutes. */

await report('bench:room', 'A workshop', [measureRoom])
