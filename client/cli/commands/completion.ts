import type { Command } from 'commander'
import { Stop } from '../exit.ts'
import { print } from '../output.ts'

/** What can follow each command: `doormat access` -> `on off status --help`. */
interface Step {
  readonly path: string
  readonly words: readonly string[]
}

function steps(command: Command, path: readonly string[] = ['doormat']): Step[] {
  const below = command.commands.map((one) => one.name())
  const options = command.options.flatMap(({ long }) => (long ? [long] : []))
  return [
    { path: path.join(' '), words: [...below, ...options, '--help'] },
    ...command.commands.flatMap((one) => steps(one, [...path, one.name()])),
  ]
}

const bash = (all: readonly Step[]) => `_doormat() {
  local path=doormat word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$path $word" in
${all.map(({ path }) => `      '${path}') path='${path}' ;;`).join('\n')}
    esac
  done
  case "$path" in
${all.map(({ path, words }) => `    '${path}') word='${words.join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$word" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _doormat doormat`

/** zsh runs the same through its own emulation of bash completion. */
const zsh = (all: readonly Step[]) => `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`

function fish(all: readonly Step[]): string {
  const lines = all.flatMap(({ path, words }) => {
    const typed = path.split(' ').slice(1)
    const here = [
      ...typed.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(typed.length === 0 ? ['__fish_use_subcommand'] : []),
    ].join('; and ')
    return words.map((word) =>
      word.startsWith('--')
        ? `complete -c doormat -n '${here}' -l ${word.slice(2)}`
        : `complete -c doormat -f -n '${here}' -a ${word}`,
    )
  })
  return lines.join('\n')
}

const shells = { bash, zsh, fish } as const

/** Prints what a shell needs to complete commands and options. */
export function completion(shell: string, program: Command): void {
  if (!Object.hasOwn(shells, shell))
    throw new Stop(
      'user',
      `there are no completions for ${shell}, only for bash, zsh and fish`,
      'doormat completion bash',
    )
  print(shells[shell as keyof typeof shells](steps(program)))
}
