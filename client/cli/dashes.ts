import { type Command, CommanderError } from 'commander'
import { quoted } from './shell.ts'

/** For a command whose last argument is words of a person: says how they are given where they look like an option. */
export function takesWords(made: Command): Command {
  return made.exitOverride((error) => {
    const at = made.args.findIndex((argument) => argument.length > 1 && argument.startsWith('-'))
    const [before, word] = [made.args.slice(0, at), made.args[at]]
    const takesMore = made.registeredArguments.at(-1)?.variadic ?? false
    const hasRoom = at >= 0 && (takesMore || before.length < made.registeredArguments.length)
    const isHelp = error.code === 'commander.helpDisplayed' && word === '-h' && before.length > 0
    if (!hasRoom || word === undefined || !(isHelp || error.code === 'commander.unknownOption')) throw error
    const tell = (text: string) => made.configureOutput().writeErr?.(`${text}\n`)
    if (isHelp) tell('doormat: -h asks for help, and nothing else was done')
    tell(`try: ${[...pathOf(made), ...before, '--', word].map(quoted).join(' ')}`)
    throw isHelp ? new CommanderError(1, error.code, error.message) : error
  })
}

const pathOf = (made: Command): readonly string[] =>
  made.parent ? [...pathOf(made.parent), made.name()] : [made.name()]
