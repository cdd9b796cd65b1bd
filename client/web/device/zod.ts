import { config } from 'zod'

// its fast way compiles code from strings, which the page's content security policy forbids: said before anything is parsed
config({ jitless: true })
