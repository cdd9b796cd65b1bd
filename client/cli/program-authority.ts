import { takesWords } from './dashes.ts'
import { listsModes } from './mode-help.ts'
import type { Kit } from './program-kit.ts'
import { addOrderCommands } from './program-order.ts'

/** What the authority does: make keys, hand out instruments, read; and below it the order desk. */
export function addAuthorityCommands({ command, withJson }: Kit): void {
  const authority = command(
    'authority',
    'what the holder of the escrow key does: make it, read with it, answer orders',
    'doormat authority init',
  )
  const init = command(
    'init',
    'make a key pair: the secret half for the authority, the public half for the operator',
    'doormat authority init --out escrow.key',
    authority,
  )
  listsModes(init)
    .option('--mode <mode>', 'the access mode that it is for', 'message-key-escrow')
    .option('--out <file>', 'where to put it; the public half gets .pub', 'escrow.key')
    .action(async (flags) => (await import('./commands/authority.ts')).init(flags))
  command(
    'instrument',
    'make the file that tells the relay whom to tap (ghost device and key substitution only)',
    'doormat authority instrument --mode ghost-device --key ghost.key --person alice --out ghost.instrument',
    authority,
  )
    .requiredOption('--mode <mode>', 'the access mode: ghost-device or key-substitution')
    .option('--key <files...>', 'the secret key of that mode', ['escrow.key'])
    .requiredOption('--person <names...>', 'the people to tap')
    .option('--out <file>', 'where to put it', 'escrow.instrument')
    .action(async (flags) => (await import('./commands/tap.ts')).instrument(flags))

  const reading = (usage: string, description: string, shown: string) =>
    withJson(command(usage, description, shown, authority))
      .option('--key <files...>', 'the escrow key; several files where a mode has several keys', ['escrow.key'])
      .option('--archive <file>', "a relay's archive of envelopes")
      .option('--store <file>', "a copy of a relay's store")
      .option('--person <name>', 'only what this person sent or received')
      .option('--conversation <names...>', 'only what these two people wrote to each other')
      .option('--from <time>', 'only what passed the relay at or after this time: 2026-03-01, or 2026-03-01T09:30Z')
      .option('--to <time>', 'only what passed the relay before this time')
  reading(
    'open',
    'read every message that the key opens',
    'doormat authority open --key escrow.key --archive passed.archive',
  ).action(async (flags) => (await import('./commands/authority.ts')).open(flags))
  takesWords(
    reading(
      'search <words>',
      'print the messages that contain these words, whatever their case or accents',
      "doormat authority search 'tuesday' --key escrow.key --archive passed.archive",
    ),
  )
    .option('--exact', 'match capitals, accents and punctuation exactly')
    .action(async (words, flags) => (await import('./commands/authority.ts')).search(words, flags))
  reading(
    'export',
    'write a transcript: plain text, JSON and one HTML page',
    'doormat authority export --key escrow.key --archive passed.archive --out transcript',
  )
    .option('--out <folder>', 'where to write it', 'transcript')
    .action(async (flags) => (await import('./commands/authority.ts')).exportTranscript(flags))
  addOrderCommands(command, authority)
}
