import { paragraph } from './layout.ts'

/** How far something is that takes a while. */
export interface Progress {
  /** @param done of the whole, from 0 to 1  @param what is being done, in a few words */
  readonly tell: (done: number, what: string) => void
  /** Takes the line away. */
  readonly end: () => void
}

/** What is over sooner says nothing. */
const quietMs = 3000
const everyMs = 250

/** One line on a terminal that is written over, with the time left; nothing in a pipe or a file. */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): Progress {
  const begun = performance.now()
  let told = 0
  let shown = false
  const isSeen = stream.isTTY && process.env['TERM'] !== 'dumb'
  return {
    tell(done, what) {
      const now = performance.now()
      if (!isSeen || now < begun + quietMs || now < told + everyMs) return
      told = now
      shown = true
      const [line = ''] = paragraph(
        `${timeLeft((now - begun) / 1000, done)}${what}`,
        { first: '… ' },
        stream.columns - 1,
      )
      stream.write(`\r\u001b[K${line}`)
    },
    end() {
      if (shown) stream.write('\r\u001b[K')
      shown = false
    },
  }
}

/** By the pace so far, which is a guess; nothing while there is hardly any. */
export function timeLeft(seconds: number, done: number): string {
  if (done < 0.02 || done > 1) return ''
  const left = (seconds / done) * (1 - done)
  return left >= 90 ? `about ${Math.round(left / 60)} min left; ` : `about ${Math.max(1, Math.round(left))} s left; `
}
