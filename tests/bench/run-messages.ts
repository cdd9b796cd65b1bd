import { measureMessages } from './messages.ts'
import { report } from './report.ts'

/* `npm run bench:messages`: one message, in code that is built as the program is. */

await report('bench:messages', 'One message', [measureMessages])
