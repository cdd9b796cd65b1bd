import { type Command, CommanderError } from 'commander'

/** Help was asked for, of a command that takes an access mode: the modes are to be listed below it. */
export class ModesWanted extends CommanderError {}

/** For a command that takes an access mode. The modes are loaded only when help is asked for: all other help is there at once. */
export function listsModes(made: Command): Command {
  return made.exitOverride((error) => {
    throw error.code === 'commander.helpDisplayed' ? new ModesWanted(0, error.code, error.message) : error
  })
}
