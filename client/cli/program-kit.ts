import type { Command } from 'commander'
import type { usualFolders } from './homes.ts'
import { columns } from './layout.ts'
import { commandLineRows } from './shell.ts'

export const relayUrl = 'http://127.0.0.1:4620'

/** What stands below the options in the help of a command. */
export const example = (text: string): string =>
  `\nExample:\n${(process.stdout.isTTY ? commandLineRows(text, '  $ ', columns()) : [`  $ ${text}`]).join('\n')}\n`

/** What the parts of the program make their commands with. */
export interface Kit {
  readonly program: Command
  readonly usual: ReturnType<typeof usualFolders>
  /** A command below another, or below the program, with an example. */
  readonly command: (usage: string, description: string, shown: string, parent?: Command) => Command
  readonly ofDevice: (made: Command) => Command
  readonly withLock: (made: Command) => Command
  readonly withJson: (made: Command) => Command
  /** for a command that is told where the relay is */
  readonly withRelay: (made: Command) => Command
  /** for a command that goes where a device's relay is, or is to be */
  readonly withTls: (made: Command) => Command
}

export function kitFor(program: Command, usual: ReturnType<typeof usualFolders>): Kit {
  const withTls = (made: Command) =>
    made
      .option('--tls-ca <file>', "the certificate authority (PEM) that must have signed the relay's certificate")
      .option('--trusted-network', 'allow a relay on another machine without TLS')
  return {
    program,
    usual,
    command: (usage, description, shown, parent = program) =>
      parent.command(usage).description(description).addHelpText('after', example(shown)),
    ofDevice: (made) => made.option('--home <folder>', "the device's folder (or DOORMAT_HOME)", usual.device),
    withLock: (made) =>
      made
        .option('--passphrase-file <file>', 'take the passphrase from the first line of this file')
        .option('--no-passphrase', 'leave the keys and texts in the folder unencrypted'),
    withJson: (made) => made.option('--json', 'print one JSON object per line'),
    withRelay: (made) => withTls(made.option('--relay <url>', 'address of the relay', relayUrl)),
    withTls,
  }
}
