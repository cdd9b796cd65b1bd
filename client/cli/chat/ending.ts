import type { Input } from './keys.ts'

/** `interrupted`: somebody else has asked the process to end. */
export type End = 'left' | 'interrupted' | 'terminal gone'

/** Whoever has typed nothing for so long has seen that the chat is over, and goes on in the shell only when they mean to. */
export const quietMs = 1_000

/** How a chat ends: at once where that is asked for; at a fault only when nobody types any more. */
export function createEnding() {
  let [resolve, reject] = [(_how: End) => {}, (_error: unknown) => {}]
  const ended = new Promise<End>((...both) => ([resolve, reject] = both))
  let fault: { readonly error: unknown } | null = null
  let quiet: NodeJS.Timeout | undefined

  function end(how: End): void {
    clearTimeout(quiet)
    if (fault && how !== 'terminal gone') reject(fault.error)
    else resolve(how)
  }
  function waitForQuiet(): void {
    clearTimeout(quiet)
    quiet = setTimeout(() => end('interrupted'), quietMs)
  }

  return {
    /** @throws the fault that ended it */
    ended,
    end,
    get isNear() {
      return fault !== null
    },
    fail(error: unknown): void {
      if (fault) return
      fault = { error }
      waitForQuiet()
    },
    /** What is typed once it is over goes nowhere. */
    take(inputs: readonly Input[]): void {
      if (inputs.some((input) => input.kind === 'key' && input.key === 'ctrl-c')) end('left')
      else waitForQuiet()
    },
  }
}
