import { isUtf8 } from 'node:buffer'
import { textMaximumBytes } from '../../crypto/content.ts'
import { isUtf16, utf16Refusal, withoutMark } from '../../server/disk/handed.ts'
import { ClientError } from '../device/errors.ts'
import { Stop } from './exit.ts'
import { tell } from './output.ts'

const newline = 0x0a
const carriageReturn = 0x0d
const lineMaximumBytes = 2 * textMaximumBytes

/**
 * Hands over what stands on each line of an input. A line that is no message is told of, by its number, and the others go.
 * @param take @throws ClientError `bad-text` for what is no message
 * @returns how many were none
 */
export async function takeLines(input: AsyncIterable<Buffer>, take: (text: string) => void): Promise<number> {
  let [number, faults] = [0, 0]
  for await (const line of linesIn(input)) {
    number += 1
    try {
      take(textOf(line))
    } catch (error) {
      if (!(error instanceof ClientError && error.code === 'bad-text')) throw error
      faults += 1
      tell(`line ${number}: ${error.message} [${error.code}]`)
    }
  }
  return faults
}

/** @throws Stop where lines were none */
export function checkFaults(faults: number): void {
  if (faults > 0) throw new Stop('user', faults === 1 ? '1 line was not sent' : `${faults} lines were not sent`)
}

/** Lines end with LF, or CR LF; a CR within one belongs to it. @throws ClientError `bad-text` for UTF-16 */
async function* linesIn(input: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let rest = Buffer.alloc(0)
  let first = true
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk])
    if (first && isUtf16(rest)) throw new ClientError('bad-text', ...utf16Refusal('standard input', 'FILE'))
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      yield first ? withoutMark(rest.subarray(0, end)) : rest.subarray(0, end)
      first = false
      rest = rest.subarray(end + 1)
    }
    // what is too long for a message anyway need not be kept whole
    if (rest.length > lineMaximumBytes) rest = rest.subarray(0, lineMaximumBytes)
  }
  if (rest.length > 0) yield first ? withoutMark(rest) : rest
}

function textOf(line: Buffer): string {
  const whole = line.at(-1) === carriageReturn ? line.subarray(0, -1) : line
  if (!isUtf8(whole)) throw new ClientError('bad-text', 'the text is not UTF-8')
  return whole.toString('utf8')
}
