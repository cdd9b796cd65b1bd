import { userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import type { Command } from 'commander'

/** A variable of the environment; an empty one is as good as none. */
export const variable = (name: string): string | null => process.env[name] || null

/** One that names a folder from the root on: any other is to be ignored (XDG Base Directory Specification). */
function wholePath(name: string): string | null {
  const path = variable(name)
  return path !== null && isAbsolute(path) ? path : null
}

/** Somebody can have no home: a service, or a user whom the system does not know. */
function systemHome(): string | null {
  try {
    return userInfo().homedir || null
  } catch {
    return null
  }
}

function dataHome(): string | null {
  const home = wholePath('HOME') ?? systemHome()
  return wholePath('XDG_DATA_HOME') ?? (home === null ? null : join(home, '.local', 'share'))
}

/** Where things are kept if nobody says otherwise; undefined where there is no home. */
export function usualFolders() {
  const data = dataHome()
  const below = (...names: string[]) => (data === null ? undefined : join(data, 'doormat', ...names))
  return {
    device: variable('DOORMAT_HOME') ?? below('device'),
    relay: below('relay'),
    operatorToken: below('relay', 'operator.token'),
    exercises: below('exercises'),
  }
}

const needed = { home: '--home FOLDER', dir: '--dir FOLDER', tokenFile: '--token-file FILE' }

/** @throws Stop where a command has no folder to work in, for nobody named one and there is no home */
export async function needFolders(command: Command): Promise<void> {
  const given = command.optsWithGlobals<Record<string, unknown>>()
  for (const [name, option] of Object.entries(needed)) {
    if (given[name] !== undefined || !command.options.some((one) => one.attributeName() === name)) continue
    const { Stop } = await import('./exit.ts')
    throw new Stop('user', 'there is no home folder to keep this in: name a folder', `${pathOf(command)} ${option}`)
  }
}

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
