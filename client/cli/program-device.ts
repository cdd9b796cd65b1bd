import type { Command } from 'commander'
import { takesWords } from './dashes.ts'
import type { Kit } from './program-kit.ts'

/** What one person does with a device: sign up, talk, look after contacts and devices. */
export function addDeviceCommands(kit: Kit): void {
  const { command, ofDevice, withJson, withLock, withRelay, withTls } = kit

  const choices = (made: Command) =>
    withJson(withLock(withRelay(ofDevice(made))))
      .option('--refuse-access', 'hold your messages back while an access mode is in force')
      .option('--no-receipts', 'never tell others that their messages have arrived or been read')

  choices(command('register <name>', 'create an account and its first device', 'doormat register alice')).action(
    async (name, flags) => (await import('./commands/register.ts')).register(name, flags),
  )

  withJson(
    ofDevice(
      command('status', 'show who you are, which relay and access mode you have, and what waits', 'doormat status'),
    ),
  ).action(async (flags) => (await import('./commands/status.ts')).status(flags))

  withTls(
    ofDevice(
      command(
        'move <url>',
        'follow your relay to a new address, or to a new certificate authority',
        'doormat move https://relay.example --tls-ca ca.crt',
      ),
    ),
  ).action(async (url, flags) => (await import('./commands/move.ts')).move(url, flags))

  ofDevice(command('chat [name]', 'talk with people, on a screen of its own', 'doormat chat bob')).action(
    async (name, flags) => (await import('./chat/chat.ts')).chat(name, flags),
  )

  const send = command(
    'send <name> [text]',
    'send one message, a file or a voice message, or one message for each line of input',
    "doormat send bob 'is the door locked?'",
  )
  withJson(ofDevice(takesWords(send)))
    .option('--stdin', 'send every line of standard input')
    .option('--ids', 'with --stdin: each line is ID, TAB, text; an id sent before is skipped')
    .option('--id <id>', 'the id of this message; the same id is never sent twice')
    .option('--reply <id>', 'answer the message with this id, or whose id begins so: doormat history NAME --ids')
    .option('--file <file>', 'send this file, up to 64 MiB; the text stands beside it')
    .option('--voice <file>', 'send this WAV recording, up to 15 minutes, as a voice message')
    .option('--keep-metadata', 'with --file: send it with all that it says of where, when and with what it was made')
    .action(async (name, text, flags) => (await import('./commands/send.ts')).send(name, text, flags))

  withJson(
    ofDevice(command('react <name> <id> [emoji]', 'put one emoji on a message', 'doormat react bob 3f9c21aa 👍')),
  )
    .option('--off', 'take yours back')
    .action(async (name, id, emoji, flags) => (await import('./commands/afterword.ts')).react(name, id, emoji, flags))

  withJson(
    ofDevice(
      command(
        'delete <name> <ids...>',
        'delete messages of yours for everybody, as far as their programs are honest: an authority, the archive of a relay and whoever has saved a copy keep theirs',
        'doormat delete bob 3f9c21aa',
      ),
    ),
  ).action(async (name, ids, flags) => (await import('./commands/afterword.ts')).deleteForAll(name, ids, flags))

  withJson(
    ofDevice(command('save <name> [file]', 'save a file that somebody has sent you', 'doormat save bob photo.jpg')),
  )
    .option('--id <id>', 'the file of the message with this id, whoever has sent it')
    .option('--to <folder>', 'where to save it; the current folder without it')
    .action(async (name, file, flags) => (await import('./commands/save.ts')).save(name, file, flags))

  withJson(ofDevice(command('listen', 'print messages as they arrive', 'doormat listen --json --since 12')))
    .option('--since <sequence>', 'begin after this entry of the history')
    .action(async (flags) => (await import('./commands/listen.ts')).listen(flags))

  withJson(ofDevice(command('history [name]', 'print past messages', 'doormat history bob --json')))
    .option('--since <sequence>', 'begin after this entry of the history')
    .option('--ids', 'show the beginnings of message ids: for send --reply, react and delete')
    .action(async (name, flags) => (await import('./commands/listen.ts')).history(name, flags))

  withJson(ofDevice(command('search <words>', 'find messages on this device', "doormat search 'the door' --with bob")))
    .option('--with <name>', 'only in the conversation with this person, or +TITLE')
    .option('--before <sequence>', 'begin above this entry of the history')
    .action(async (words, flags) => (await import('./commands/search.ts')).search(words, flags))

  addGroupCommands(kit)
  addContactCommands(kit)
  addLinkCommands(kit, choices)

  withLock(
    ofDevice(command('passphrase', 'set, change or remove the passphrase of this device', 'doormat passphrase')),
  ).action(async (flags) => (await import('./commands/passphrase.ts')).passphrase(flags))

  ofDevice(command('mute <name>', 'announce nothing of a conversation', 'doormat mute bob --for 8h'))
    .option('--for <time>', 'how long: 90s, 5min, 8h or 7d; until you unmute it without this')
    .action(async (name, flags) => (await import('./commands/contacts.ts')).mute(name, flags))

  ofDevice(command('unmute <name>', 'announce what comes there again', 'doormat unmute bob')).action(
    async (name, flags) => (await import('./commands/contacts.ts')).unmute(name, flags),
  )

  const passphraseFile = (made: Command) =>
    made.option('--passphrase-file <file>', "take the backup's passphrase from the first line of this file")
  passphraseFile(
    withJson(
      ofDevice(
        command(
          'backup <file>',
          'keep contacts, groups and messages in a file under a passphrase',
          'doormat backup alice.backup',
        ),
      ),
    ),
  ).action(async (file, flags) => (await import('./commands/backup.ts')).backup(file, flags))

  ofDevice(
    command(
      'export <folder>',
      'write messages and their files into a folder, not encrypted',
      'doormat export my-messages',
    ),
  ).action(async (folder, flags) => (await import('./commands/export.ts')).exportHistory(folder, flags))

  passphraseFile(
    withJson(
      ofDevice(
        command(
          'restore <file>',
          'add to this device what a backup of your account has',
          'doormat restore alice.backup',
        ),
      ),
    ),
  ).action(async (file, flags) => (await import('./commands/backup.ts')).restore(file, flags))

  ofDevice(
    command('forget <name>', 'delete messages from this device, and only from this one', 'doormat forget bob --id 17'),
  )
    .option('--id <id>', 'delete only the message with this id')
    .option('--yes', 'delete without asking')
    .action(async (name, flags) => (await import('./commands/contacts.ts')).forget(name, flags))

  withJson(ofDevice(command('verify <name>', "show somebody's safety number", 'doormat verify bob --confirm')))
    .option('--confirm', 'mark them as verified: you have compared the number, and it is the same')
    .action(async (name, flags) => (await import('./commands/contacts.ts')).verify(name, flags))
}

function addGroupCommands({ command, ofDevice, withJson }: Kit): void {
  const group = command('group', 'talk with several people at once', "doormat group new 'Reading circle' bob carol")
  const about = (usage: string, description: string, example: string) =>
    withJson(ofDevice(command(usage, description, example, group)))
  const load = () => import('./commands/group.ts')

  about('new <title> <people...>', 'found a group', "doormat group new 'Reading circle' bob carol").action(
    async (title, people, flags) => (await load()).newGroup(title, people, flags),
  )
  about('list', 'list the groups that you are or were in', 'doormat group list').action(async (flags) =>
    (await load()).list(flags),
  )
  about(
    'show <group>',
    'show who is in a group, and its number to compare',
    "doormat group show 'Reading circle'",
  ).action(async (words, flags) => (await load()).show(words, flags))
  for (const [kind, does, example] of [
    ['add', 'add somebody', "doormat group add 'Reading circle' dora"],
    ['remove', 'remove somebody: nothing more is sent to them', "doormat group remove 'Reading circle' dora"],
  ] as const)
    about(`${kind} <group> <name>`, does, example).action(async (words, user, flags) =>
      (await load()).change(words, { kind, user }, flags),
    )
  about('admin <group> <name>', 'make somebody an admin', "doormat group admin 'Reading circle' dora")
    .option('--off', 'take that back')
    .action(async (words, user, flags) =>
      (await load()).change(words, { kind: flags.off ? 'demote' : 'promote', user }, flags),
    )
  about('rename <group> <title>', 'give it another title', "doormat group rename 'Reading circle' 'Book club'").action(
    async (words, title, flags) => (await load()).change(words, { kind: 'rename', title }, flags),
  )
  about(
    'lifetime <group> <time>',
    'set how long new messages stay in it',
    "doormat group lifetime 'Reading circle' 7d",
  ).action(async (words, time, flags) => (await load()).setLifetime(words, time, flags))
  about('leave <group>', 'leave it', "doormat group leave 'Reading circle'").action(async (words, flags) =>
    (await load()).change(words, { kind: 'leave' }, flags),
  )
}

function addContactCommands({ command, ofDevice, withJson }: Kit): void {
  const contacts = withJson(ofDevice(command('contacts', 'list the people you know', 'doormat contacts'))).action(
    async (flags) => (await import('./commands/contacts.ts')).contacts(flags),
  )
  const about = (usage: string, description: string, shown: string) =>
    ofDevice(command(usage, description, `doormat contacts ${shown}`, contacts))

  about('accept <name>', 'accept a changed account key without comparing numbers', 'accept bob').action(
    async (name, _flags, made: Command) =>
      (await import('./commands/contacts.ts')).accept(name, made.optsWithGlobals()),
  )
  about('refuse <name>', 'reject a changed account key and keep the old one', 'refuse bob').action(
    async (name, _flags, made: Command) =>
      (await import('./commands/contacts.ts')).refuse(name, made.optsWithGlobals()),
  )
  about('block <name>', 'stop showing what somebody writes', 'block bob').action(async (name, _flags, made: Command) =>
    (await import('./commands/contacts.ts')).block(name, true, made.optsWithGlobals()),
  )
  about('unblock <name>', 'show again what they write from now on', 'unblock bob').action(
    async (name, _flags, made: Command) =>
      (await import('./commands/contacts.ts')).block(name, false, made.optsWithGlobals()),
  )
  about(
    'lifetime <name> <time>',
    'set how long new messages stay: 90s, 5min, 12h, 7d or off',
    'lifetime bob 7d',
  ).action(async (name, time, _flags, made: Command) =>
    (await import('./commands/contacts.ts')).lifetime(name, time, made.optsWithGlobals()),
  )
}

function addLinkCommands({ command, ofDevice, withJson }: Kit, choices: (made: Command) => Command): void {
  const link = choices(command('link', 'add this device to an account that you have', 'doormat link')).action(
    async (flags) => (await import('./commands/link.ts')).link(flags),
  )
  ofDevice(
    command(
      'approve',
      'on your first device: let in the device that shows a code (you are asked for the code)',
      'doormat link approve',
      link,
    ),
  )
    .allowExcessArguments()
    .action(async (_flags, made: Command) =>
      (await import('./commands/link.ts')).approve(made.args, made.optsWithGlobals()),
    )

  const devices = withJson(ofDevice(command('devices', 'list the devices of your account', 'doormat devices'))).action(
    async (flags) => (await import('./commands/link.ts')).devices(flags),
  )
  ofDevice(
    command('remove <device>', 'remove a device from your account', 'doormat devices remove 3f9c', devices),
  ).action(async (name, _flags, made: Command) =>
    (await import('./commands/link.ts')).remove(name, made.optsWithGlobals()),
  )
}
