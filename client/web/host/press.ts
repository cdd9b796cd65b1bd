import { signal } from '@preact/signals'
import { act } from '../shared/host.ts'

/** what came of the last button */
export const answer = signal<string | null>(null)

/** For a button: asks the workshop to do something, and says what came of it. */
export const press = (path: string, body: object, done: string) => (): void =>
  void act(path, body).then(
    () => (answer.value = done),
    (error: Error) => (answer.value = error.message),
  )
