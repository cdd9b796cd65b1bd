import { Command } from 'commander'
import about from '../../package.json' with { type: 'json' }
import { takesWords } from './dashes.ts'
import { needFolders, usualFolders } from './homes.ts'
import { tell, write } from './output.ts'
import { addOrderCommands } from './program-order.ts'

const relayUrl = 'http://127.0.0.1:4620'

const example = (text: string) => `\nExample:\n  $ ${text}\n`

/** Every command with its options and an example; what a command does is in its own file, loaded when it runs. */
export function buildProgram(): Command {
  const usual = usualFolders()
  const program = new Command('doormat')
    .description(
      'An end-to-end encrypted messenger in which a key can be put under the mat, to see who can then read what.',
    )
    .version(about.version)
    .option('--no-color', 'no colour, whatever the terminal; NO_COLOR does the same')
    .on('option:no-color', () => (process.env['NO_COLOR'] = '1'))
    .showSuggestionAfterError()
    .exitOverride()
    .hook('preAction', (_program, command) => needFolders(command))
    .configureOutput({ writeOut: write, writeErr: (text) => tell(text.trimEnd()) })
    .addHelpText('after', example('doormat demo'))
  const command = (usage: string, description: string, shown: string, parent: Command = program) =>
    parent.command(usage).description(description).addHelpText('after', example(shown))
  const ofDevice = (made: Command) =>
    made.option('--home <folder>', "the device's folder (or DOORMAT_HOME)", usual.device)
  const withLock = (made: Command) =>
    made
      .option('--passphrase-file <file>', 'the passphrase is the first line of this file')
      .option('--no-passphrase', 'keep what is in the folder unencrypted')
  const withJson = (made: Command) => made.option('--json', 'one JSON object a line')
  const withRelay = (made: Command) =>
    made
      .option('--relay <url>', 'address of the relay', relayUrl)
      .option('--tls-ca <file>', "the authority that signed the relay's certificate, and no other, in PEM")
      .option('--trusted-network', 'take a relay beyond this machine without TLS')

  command('demo', 'the guided tour: three conversations, a relay, the key, the thief', 'doormat demo')
    .option('--say <text>', 'a sentence of your own, to be sent while the key is under the mat')
    .option('--yes', 'run through without asking for anything')
    .option('--pace <pace>', 'slow: line by line, for a room that reads along')
    .action(async (flags) => (await import('./demo/demo.ts')).demo(flags))

  withJson(command('relay', 'run a relay', 'doormat relay --archive passed.archive'))
    .option('--dir <folder>', 'where it keeps its store and keys', usual.relay)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on', '4620')
    .option('--name <names...>', 'a name by which it may be asked, besides those of its certificate')
    .option('--archive <file>', 'keep every envelope that passes in this file')
    .option('--tls-cert <file>', 'certificate for https, in PEM')
    .option('--tls-key <file>', 'its private key, in PEM')
    .option('--tls-ca <file>', 'the authority that devices are told to trust; the last in --tls-cert, unless told')
    .option('--address <url>', 'where devices find it; where it listens, unless told')
    .option('--trusted-network', 'listen beyond this machine, without TLS')
    .option('--verbose', 'log every request')
    .action(async (flags) => (await import('./commands/relay.ts')).runRelay(flags))

  withJson(
    withLock(
      withRelay(ofDevice(command('register <name>', 'make an account and its first device', 'doormat register alice'))),
    ),
  )
    .option('--refuse-access', 'never send while an access mode is in force')
    .option('--no-receipts', 'never tell others that their messages have come, or been read')
    .action(async (name, flags) => (await import('./commands/register.ts')).register(name, flags))

  ofDevice(
    command(
      'move <url>',
      'follow your relay to another address, or to another authority for its certificate',
      'doormat move https://relay.example --tls-ca ca.crt',
    ),
  )
    .option('--tls-ca <file>', "the authority that signed the relay's certificate, and no other, in PEM")
    .option('--trusted-network', 'take a relay beyond this machine without TLS')
    .action(async (url, flags) => (await import('./commands/move.ts')).move(url, flags))

  ofDevice(command('chat [name]', 'talk with people', 'doormat chat bob')).action(async (name, flags) =>
    (await import('./chat/chat.ts')).chat(name, flags),
  )

  const send = command('send <name> [text]', 'send a message, or one a line', "doormat send bob 'is the door locked?'")
  withJson(ofDevice(takesWords(send)))
    .option('--stdin', 'send every line of standard input')
    .option('--ids', 'with --stdin: a line is ID, TAB, text; an id that was sent before is passed over')
    .option('--id <id>', "this message's id; the same id twice is sent once")
    .action(async (name, text, flags) => (await import('./commands/send.ts')).send(name, text, flags))

  withJson(ofDevice(command('listen', 'print what arrives', 'doormat listen --json --since 12')))
    .option('--since <sequence>', 'begin after this entry of the history')
    .action(async (flags) => (await import('./commands/listen.ts')).listen(flags))

  withJson(ofDevice(command('history [name]', 'print what was said', 'doormat history bob --json')))
    .option('--since <sequence>', 'begin after this entry of the history')
    .action(async (name, flags) => (await import('./commands/listen.ts')).history(name, flags))

  const contacts = withJson(ofDevice(command('contacts', 'list the people you know', 'doormat contacts'))).action(
    async (flags) => (await import('./commands/contacts.ts')).contacts(flags),
  )
  ofDevice(
    command('accept <name>', 'accept a changed account key unseen', 'doormat contacts accept bob', contacts),
  ).action(async (name, _flags, made: Command) =>
    (await import('./commands/contacts.ts')).accept(name, made.optsWithGlobals()),
  )
  ofDevice(command('refuse <name>', 'turn a changed account key away', 'doormat contacts refuse bob', contacts)).action(
    async (name, _flags, made: Command) =>
      (await import('./commands/contacts.ts')).refuse(name, made.optsWithGlobals()),
  )

  ofDevice(
    command('block <name>', 'show nothing more of what somebody writes', 'doormat contacts block bob', contacts),
  ).action(async (name, _flags, made: Command) =>
    (await import('./commands/contacts.ts')).block(name, true, made.optsWithGlobals()),
  )
  ofDevice(command('unblock <name>', 'show it again from now on', 'doormat contacts unblock bob', contacts)).action(
    async (name, _flags, made: Command) =>
      (await import('./commands/contacts.ts')).block(name, false, made.optsWithGlobals()),
  )
  ofDevice(
    command(
      'lifetime <name> <time>',
      'how long what is written from now on stays: 90s, 5min, 12h, 7d or off',
      'doormat contacts lifetime bob 7d',
      contacts,
    ),
  ).action(async (name, time, _flags, made: Command) =>
    (await import('./commands/contacts.ts')).lifetime(name, time, made.optsWithGlobals()),
  )

  const link = withJson(
    withLock(withRelay(ofDevice(command('link', 'make this a further device of an account', 'doormat link')))),
  )
    .option('--refuse-access', 'never send while an access mode is in force')
    .option('--no-receipts', 'never tell others that their messages have come, or been read')
    .action(async (flags) => (await import('./commands/link.ts')).link(flags))
  ofDevice(
    command(
      'approve',
      'on the first device: take the device that shows a code into the account; the code is asked for',
      'doormat link approve',
      link,
    ),
  )
    .allowExcessArguments()
    .action(async (_flags, made: Command) =>
      (await import('./commands/link.ts')).approve(made.args, made.optsWithGlobals()),
    )

  const devices = withJson(ofDevice(command('devices', "list your account's devices", 'doormat devices'))).action(
    async (flags) => (await import('./commands/link.ts')).devices(flags),
  )
  ofDevice(
    command('remove <device>', 'take a device out of your account', 'doormat devices remove 3f9c', devices),
  ).action(async (name, _flags, made: Command) =>
    (await import('./commands/link.ts')).remove(name, made.optsWithGlobals()),
  )

  withLock(
    ofDevice(command('passphrase', "set, change or take away the device's passphrase", 'doormat passphrase')),
  ).action(async (flags) => (await import('./commands/passphrase.ts')).passphrase(flags))

  ofDevice(command('forget <name>', 'forget what was said, on this device alone', 'doormat forget bob --id 17'))
    .option('--id <id>', 'only the message with this id')
    .action(async (name, flags) => (await import('./commands/contacts.ts')).forget(name, flags))

  withJson(ofDevice(command('verify <name>', "show somebody's safety number", 'doormat verify bob --confirm')))
    .option('--confirm', 'you have compared it, and it is the same')
    .action(async (name, flags) => (await import('./commands/contacts.ts')).verify(name, flags))

  const access = command('access', "the operator's switch: which access mode is in force", 'doormat access status')
  withJson(withRelay(command('status', 'show the mode in force', 'doormat access status --json', access))).action(
    async (flags) => (await import('./commands/access.ts')).status(flags),
  )
  const operator = (made: Command) =>
    withJson(withRelay(made)).option('--token-file <file>', "the operator's token", usual.operatorToken)
  operator(
    command(
      'on <mode>',
      'put an access mode in force, for everybody, at once',
      'doormat access on message-key-escrow --authority-key escrow.key.pub',
      access,
    ),
  )
    .option('--authority-key <file>', "the authority's public key")
    .action(async (mode, flags) => (await import('./commands/access.ts')).on(mode, flags))
  operator(command('off', 'take it away again', 'doormat access off', access)).action(async (flags) =>
    (await import('./commands/access.ts')).off(flags),
  )

  operator(
    command(
      'tap <mode> <file>',
      "the operator's part in the mode in force, by an instrument of the authority",
      'doormat access tap ghost-device ghost.instrument',
      access,
    ),
  ).action(async (mode, file, flags) => (await import('./commands/tap.ts')).tap(mode, file, flags))

  const authority = command('authority', 'the desk of whoever holds the key', 'doormat authority init')
  command(
    'init',
    'make a key pair: the secret half stays here, the public half is for the operator',
    'doormat authority init --out escrow.key',
    authority,
  )
    .option('--mode <mode>', 'the access mode it is for', 'message-key-escrow')
    .option('--out <file>', 'where to put it; the public half gets .pub', 'escrow.key')
    .action(async (flags) => (await import('./commands/authority.ts')).init(flags))
  command(
    'instrument',
    "make what the operator's relay works by, for the people named, where a mode needs that",
    'doormat authority instrument --mode ghost-device --key ghost.key --person alice --out ghost.instrument',
    authority,
  )
    .requiredOption('--mode <mode>', 'the access mode')
    .option('--key <files...>', 'the key of that mode', ['escrow.key'])
    .requiredOption('--person <names...>', 'whom it is for')
    .option('--out <file>', 'where to put it', 'escrow.instrument')
    .action(async (flags) => (await import('./commands/tap.ts')).instrument(flags))
  const desk = (usage: string, description: string, shown: string) =>
    withJson(command(usage, description, shown, authority))
      .option('--key <files...>', 'the escrow key; several, where a mode has several', ['escrow.key'])
      .option('--archive <file>', "an archive of a relay's envelopes")
      .option('--store <file>', "a copy of a relay's store")
      .option('--person <name>', 'only what this person sent or got')
  desk(
    'open',
    'read everything that the key opens',
    'doormat authority open --key escrow.key --archive passed.archive',
  ).action(async (flags) => (await import('./commands/authority.ts')).open(flags))
  takesWords(
    desk(
      'search <words>',
      'print the messages that hold these words',
      "doormat authority search 'tuesday' --key escrow.key --archive passed.archive",
    ),
  ).action(async (words, flags) => (await import('./commands/authority.ts')).search(words, flags))
  desk(
    'export',
    'write a transcript as text, JSON and one HTML page',
    'doormat authority export --key escrow.key --archive passed.archive --out transcript',
  )
    .option('--out <folder>', 'where to write it', 'transcript')
    .action(async (flags) => (await import('./commands/authority.ts')).exportTranscript(flags))
  addOrderCommands(command, authority)

  const lab = command('lab', 'worlds, adversaries, and who can read what', 'doormat lab matrix')
  const ofWorld = (made: Command) =>
    made
      .option('--seed <text>', 'what the world and all its keys are made from', 'doormat')
      .option('--people <number>', 'how many people it has', '300')
  ofWorld(
    withJson(command('matrix', 'every mode by every adversary, on the built-in world', 'doormat lab matrix', lab)),
  ).action(async (flags) => (await import('./commands/lab.ts')).matrix(flags))
  ofWorld(
    command('report', 'the same with all experiments, as a page with pictures', 'doormat lab report --out report', lab),
  )
    .option('--out <folder>', 'where it is written; made if it is not there', 'doormat-report')
    .action(async (flags) => (await import('./commands/lab.ts')).report(flags))
  withJson(
    command(
      'replay',
      'a dataset of who wrote to whom, under one mode, by every adversary',
      'doormat lab replay --dataset collegemsg.txt --text sms.tsv',
      lab,
    ),
  )
    .requiredOption('--dataset <file>', 'SENDER RECIPIENT UNIXTIME a line, in numbers')
    .requiredOption('--text <file>', 'what they say, a text a line; never printed')
    .option('--mode <id>', 'the access mode', 'message-key-escrow')
    .option('--messages <number>', 'so many, from the beginning; all without it')
    .option('--seed <text>', 'what all keys are made from', 'doormat')
    .action(async (flags) => (await import('./commands/lab-replay.ts')).replayDataset(flags))

  const workshop = command(
    'workshop',
    'a room of people on their phones, a wall, and an authority',
    'doormat workshop --seats 30',
  )
  workshop
    .option(
      '--port <number>',
      "where the room comes in; the host's page takes the next one; 0 for any that are free",
      '4620',
    )
    .option('--name <names...>', 'a name of this machine that phones can find, besides its addresses')
    .option('--seats <number>', 'how many people can join', '40')
    .option('--keep <folder>', 'keep everything here, and go on from it the next time; without it nothing is left')
    .action(async (flags) => (await import('./commands/workshop.ts')).workshop(flags))
  command('doctor', 'try whether phones reach this machine', 'doormat workshop doctor', workshop).action(
    async (_flags, made: Command) => (await import('./commands/workshop.ts')).doctor(made.optsWithGlobals()),
  )

  const exercise = command('exercise', 'exercises of ten minutes, for a workshop or alone', 'doormat exercise list')
  const folder = (made: Command) => made.option('--dir <folder>', 'where the exercises are', usual.exercises)
  folder(command('list', 'what there is', 'doormat exercise list', exercise)).action(async (flags) =>
    (await import('./exercise/exercise.ts')).list(flags),
  )
  folder(command('start <exercise>', 'make your own run of it', 'doormat exercise start wire', exercise)).action(
    async (id, flags) => (await import('./exercise/exercise.ts')).start(id, flags),
  )
  const check = command('check <exercise> <answer>', 'check your answer', 'doormat exercise check wire none', exercise)
  folder(takesWords(check)).action(async (id, answer, flags) =>
    (await import('./exercise/exercise.ts')).check(id, answer, flags),
  )

  command('completion <shell>', 'print completions for bash, zsh or fish', 'doormat completion bash').action(
    async (shell) => (await import('./commands/completion.ts')).completion(shell, program),
  )

  return program
}
