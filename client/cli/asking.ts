import { Stop } from './exit.ts'

/** Whether there is somebody to ask. */
export const isAsking = (): boolean => process.stdin.isTTY && process.stderr.isTTY

const enter = new Set(['\r', '\n', '\u0004'])
const erase = new Set(['\u007f', '\b'])

/** Asks on a terminal for a line that is not shown. @throws Stop at Ctrl-C */
export function askHidden(question: string): Promise<string> {
  const { stdin, stderr } = process
  return new Promise((resolve, reject) => {
    const characters: string[] = []
    const done = () => {
      stdin.off('data', onData)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
    }
    const onData = (data: Buffer) => {
      for (const character of data.toString('utf8')) {
        if (character === '\u0003') {
          done()
          return reject(new Stop('user', 'interrupted'))
        }
        if (enter.has(character)) {
          done()
          return resolve(characters.join(''))
        }
        if (erase.has(character)) characters.pop()
        else if (character >= ' ') characters.push(character)
      }
    }
    stderr.write(question)
    stdin.setRawMode(true)
    stdin.on('data', onData)
    stdin.resume()
  })
}
