import { StringDecoder } from 'node:string_decoder'
import { Stop } from './exit.ts'

/** Whether there is somebody to ask. */
export const isAsking = (): boolean => process.stdin.isTTY && process.stderr.isTTY

const enter = new Set(['\r', '\n', '\u0004'])
const erase = new Set(['\u007f', '\b'])

/** Asks for a line that is not shown. @throws Stop at Ctrl-C */
export type Ask = (question: string) => Promise<string>

/** Asks on a terminal, and shows nothing that is typed there from before the first question until all is done. */
export async function hidden<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
  const { stdin, stderr } = process
  const decoder = new StringDecoder('utf8')
  const typed: string[] = []
  let wake = () => {}
  const onData = (data: Buffer) => {
    typed.push(...Array.from(decoder.write(data)))
    wake()
  }
  /** A shell has had the terminal in between, and Node takes raw mode for set where it was set before. */
  const onContinue = () => {
    stdin.setRawMode(false)
    stdin.setRawMode(true)
  }

  async function next(): Promise<string> {
    for (;;) {
      const character = typed.shift()
      if (character !== undefined) return character
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  async function lineOf(): Promise<string> {
    const characters: string[] = []
    for (;;) {
      const character = await next()
      if (character === '\u0003') throw new Stop('user', 'interrupted')
      if (enter.has(character)) return characters.join('')
      if (erase.has(character)) characters.pop()
      else if (character >= ' ') characters.push(character)
    }
  }

  stdin.setRawMode(true)
  stdin.on('data', onData)
  process.on('SIGCONT', onContinue)
  stdin.resume()
  try {
    return await work(async (question) => {
      stderr.write(question)
      try {
        return await lineOf()
      } finally {
        stderr.write('\n')
      }
    })
  } finally {
    process.off('SIGCONT', onContinue)
    stdin.off('data', onData)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
