import { type Broken, brokenLines, forEachLine, nothingUsable } from './lines.ts'

/** Somebody wrote to somebody. */
export interface Edge {
  readonly from: number
  readonly to: number
  /** seconds since 1970 */
  readonly atSeconds: number
}

export interface EdgeList extends Broken {
  /** in order of time; what has the same time, in the order of the file */
  readonly edges: readonly Edge[]
  /** messages of people to themselves, which were left out */
  readonly selfLoops: number
  /** whether the file was in order of time already; if not, the edges have been sorted */
  readonly sorted: boolean
}

/** The last second of the year 9999, the last that every date can say. */
/** The end of the year 2100: a typing error further away would have a world wait for thousands of years. */
const timeMaximumSeconds = 4_133_980_799
const edge = /^(\d+)[\t ]+(\d+)[\t ]+(\d+)$/
const skipped = /^(?:#.*)?$/
const decoder = new TextDecoder('latin1')

/**
 * Reads who wrote to whom and when: `SENDER RECIPIENT UNIXTIME` a line, whole numbers with spaces or tabs between, as the
 * temporal networks of SNAP have it. Blank lines and those that begin with # are skipped; of broken lines a list is
 * kept, and the others count.
 * @param most so many edges, from the beginning of the file; all without it
 * @throws LabError `bad-dataset` for a file that cannot be read or has no edge
 */
export function readEdgeList(path: string, most = Infinity): EdgeList {
  const edges: Edge[] = []
  const list = brokenLines(path)
  let selfLoops = 0
  let sorted = true
  let latest = 0
  forEachLine(path, 'bad-dataset', (bytes, line) => {
    if (edges.length >= most) return 'stop'
    const text = bytes && decoder.decode(bytes).trim()
    if (text !== null && skipped.test(text)) return 'go on'
    const read = text === null ? 'too long' : parse(text)
    if (typeof read === 'string') list.add(line, read)
    else if (read.from === read.to) selfLoops += 1
    else {
      if (read.atSeconds < latest) sorted = false
      latest = read.atSeconds
      edges.push(read)
    }
    return 'go on'
  })
  const { broken, brokenCount } = list
  if (edges.length === 0) {
    const reason = selfLoops > 0 ? 'everybody writes to themselves' : 'it is empty'
    throw nothingUsable(path, 'bad-dataset', 'message from one person to another', list, reason)
  }
  if (!sorted) edges.sort((a, b) => a.atSeconds - b.atSeconds)
  return { edges, selfLoops, sorted, broken, brokenCount }
}

/** @returns what is wrong, if something is */
function parse(text: string): Edge | string {
  const match = edge.exec(text)
  if (!match) return 'not three whole numbers: sender, recipient, time'
  const [from = 0, to = 0, atSeconds = 0] = match.slice(1).map(Number)
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return 'the number of a person is out of range'
  if (atSeconds > timeMaximumSeconds) return 'the time is out of range: seconds since 1970, up to the year 2100'
  return { from, to, atSeconds }
}
