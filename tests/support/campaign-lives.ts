import type { Random } from '../../crypto/random.ts'
import { preload, type Program, program } from './program.ts'
import { below } from './random.ts'

const roles = ['relay', 'send', 'listen'] as const
export type Role = (typeof roles)[number]

const lastPoint = 60

/** The processes of a campaign, and how they ended. */
export function createLives(keys: string) {
  const living = new Map<Program, string>()
  const killed: Record<Role, number> = { relay: 0, send: 0, listen: 0 }
  const unexpected: string[] = []
  const state = {
    /** nobody is killed */
    calm: true,
    /** no new process is started */
    over: false,
  }

  return {
    state,
    killed,
    killCount: () => roles.reduce((sum, role) => sum + killed[role], 0),
    /** One life of a process. Every fourth one that begins in rough times is to end at a point of its own writing. */
    begin(role: Role, owner: string, args: readonly string[], random: Random, input = ''): Program {
      const die = state.calm || below(4, random) > 0 ? null : 1 + below(lastPoint, random)
      const preloads = [
        ...(role === 'relay' ? [] : ['preload-keys.mjs']),
        ...(die === null ? [] : ['preload-kill.mjs']),
      ]
      const env = { ...preload(...preloads), DOORMAT_TEST_KEYS: keys, DOORMAT_TEST_DIE: String(die) }
      const running = program(args, { env, input })
      living.set(running, owner)
      void running.ended.then((end) => {
        living.delete(running)
        if (state.over) return
        if (end === 'SIGKILL') killed[role] += 1
        else if (end !== 0 && end !== 3) unexpected.push(`${args[0]} ended with ${end}: ${running.errors.join(' / ')}`)
      })
      return running
    },
    /** Kills all that somebody runs. */
    async kill(...owners: readonly string[]): Promise<void> {
      await Promise.all([...living].filter(([, owner]) => owners.includes(owner)).map(([running]) => running.kill()))
    },
    /** @throws Error if a process has ended otherwise than by a kill, well, or for want of a relay */
    check(): void {
      if (unexpected.length > 0) throw new Error(unexpected.join('; '))
    },
    end(signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown> {
      state.over = true
      return Promise.all([...living.keys()].map((running) => running.kill(signal)))
    },
  }
}
