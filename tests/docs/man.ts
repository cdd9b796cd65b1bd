import type { Command } from 'commander'
import { buildProgram } from '../../client/cli/program.ts'

/** roff takes a backslash and a leading dot or quote for orders, and a plain hyphen for a typographic one. */
const roff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&')

function leaves(
  command: Command,
  path: readonly string[],
): { readonly path: readonly string[]; readonly command: Command }[] {
  const below = command.commands.flatMap((one) => leaves(one, [...path, one.name()]))
  const acts = command.commands.length === 0 || command.options.length > 0
  return acts && path.length > 1 ? [{ path, command }, ...below] : below
}

function section({ path, command }: ReturnType<typeof leaves>[number]): string {
  const taken = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`))
  const options = command.options.map(({ flags, description }) => `.TP\n.B ${roff(flags)}\n${roff(description)}`)
  return [`.SS ${roff([...path, ...taken].join(' '))}`, roff(command.description()), ...options].join('\n')
}

/** The man page, section 1: what `--help` says, in one page. */
export function manPage(): string {
  const program = buildProgram()
  // the folders in which a command works by default differ by person: docs/cli.md says what they are
  return [
    '.TH DOORMAT 1 "" "doormat" "User commands"',
    '.SH NAME',
    roff('doormat - an end-to-end encrypted messenger with a key under the mat'),
    '.SH SYNOPSIS',
    '.B doormat\n.I command\n.RI [ options ]',
    '.SH DESCRIPTION',
    roff(program.description()),
    '.SH COMMANDS',
    ...leaves(program, ['doormat']).map(section),
    '.SH EXIT STATUS',
    '0 done; 1 cannot be done as asked; 2 unexpected; 3 relay or file; 4 a key is not to be trusted; 5 not enough secrets.',
    '.SH ENVIRONMENT',
    '.B DOORMAT_HOME\nthe folder of the device;\n.B DOORMAT_PASSPHRASE_FILE\na file with its passphrase;\n.B DOORMAT_NATIVE\n1 for native cryptography, where the package sodium-native is there;\n.B XDG_DATA_HOME\nwhere folders are by default;\n.B NO_COLOR\nno colour.',
    '.SH SEE ALSO',
    roff('docs/cli.md describes every command, field and file.'),
    '',
  ].join('\n')
}
