import { createInterface } from 'node:readline'
import { isAsking } from './asking.ts'
import { Stop } from './exit.ts'

/** Questions to whoever is there: at a terminal, or at the other end of standard input. */
export interface Questions {
  /** @returns the next line. One that came before the question answers nothing. @throws Stop where nobody is there */
  ask(question: string): Promise<string>
  close(): void
}

/** @param otherwise the command that does it without asking, where there is one */
export function openQuestions(otherwise: string | null = null): Questions {
  const reading = createInterface({ input: process.stdin, output: process.stderr, terminal: isAsking() })
  let answer: ((line: string | null) => void) | null = null
  let over = false
  const settle = (line: string | null) => {
    const waiting = answer
    answer = null
    waiting?.(line)
  }
  reading.on('line', settle)
  reading.on('close', () => {
    over = true
    settle(null)
  })
  return {
    async ask(question) {
      const line = over
        ? null
        : await new Promise<string | null>((resolve) => {
            answer = resolve
            reading.setPrompt(question)
            reading.prompt()
          })
      if (line === null) throw new Stop('user', 'nobody is there to say yes', otherwise)
      return line.trim()
    },
    close: () => reading.close(),
  }
}

export const isYes = (answer: string): boolean => /^y(es)?$/i.test(answer)
