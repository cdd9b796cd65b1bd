import type { Command } from 'commander'
import { listsModes } from './mode-help.ts'
import type { Kit } from './program-kit.ts'

/** What the operator does: run the relay, turn the switch. */
export function addOperatorCommands({ command, usual, withJson, withRelay }: Kit): void {
  withJson(command('relay', 'run a relay', 'doormat relay --archive passed.archive'))
    .option('--dir <folder>', 'where it keeps its store and keys', usual.relay)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on', '4620')
    .option('--name <names...>', 'another name that it answers to, besides those in its certificate')
    .option('--archive <file>', 'keep a copy of every envelope that passes, in this file, and of files in FILE.blobs')
    .option('--tls-cert <file>', 'certificate for https (PEM)')
    .option('--tls-key <file>', "the certificate's private key (PEM)")
    .option('--tls-ca <file>', 'the certificate authority (PEM) that devices should trust')
    .option('--address <url>', 'where devices find it, if not where it listens')
    .option('--trusted-network', 'listen beyond this machine without TLS')
    .option('--verbose', 'log every request')
    .action(async (flags) => (await import('./commands/relay.ts')).runRelay(flags))

  const access = command('access', "the operator's switch: which access mode is in force", 'doormat access status')
  withJson(
    withRelay(command('status', 'show the access mode in force', 'doormat access status --json', access)),
  ).action(async (flags) => (await import('./commands/access.ts')).status(flags))
  withJson(command('modes', 'list the access modes, with a line for each', 'doormat access modes', access)).action(
    async (flags) => (await import('./commands/modes.ts')).listModes(flags),
  )
  const operator = (made: Command) =>
    withJson(withRelay(made)).option('--token-file <file>', "the operator's token", usual.operatorToken)
  const on = command(
    'on <mode>',
    'put an access mode in force, for everybody and at once',
    'doormat access on message-key-escrow --authority-key escrow.key.pub',
    access,
  )
  operator(listsModes(on))
    .option('--authority-key <file>', "the authority's public key")
    .action(async (mode, flags) => (await import('./commands/access.ts')).on(mode, flags))
  operator(command('off', 'take the key from under the mat again', 'doormat access off', access)).action(
    async (flags) => (await import('./commands/access.ts')).off(flags),
  )
  operator(
    command(
      'tap <mode> <file>',
      "tap the people named in the authority's instrument (ghost device and key substitution only)",
      'doormat access tap ghost-device ghost.instrument',
      access,
    ),
  ).action(async (mode, file, flags) => (await import('./commands/tap.ts')).tap(mode, file, flags))
}
