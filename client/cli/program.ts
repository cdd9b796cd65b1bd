import { Command } from 'commander'
import about from '../../package.json' with { type: 'json' }
import { takesWords } from './dashes.ts'
import { documentation } from './documentation.ts'
import { needFolders, usualFolders } from './homes.ts'
import { onScreen } from './layout.ts'
import { tell, write } from './output.ts'
import { addOperatorCommands } from './program-access.ts'
import { addAuthorityCommands } from './program-authority.ts'
import { addDeviceCommands } from './program-device.ts'
import { example, kitFor } from './program-kit.ts'

/** The parser breaks its help to the width of the terminal, and its errors not. */
const errorRows = (line: string) => (line.startsWith('error: ') ? onScreen(line, process.stderr) : [line])

/** Before any command works. Whoever has asked for native code and does not get it is told, once: not by each process and thread again. */
async function loadLibsodium(): Promise<void> {
  const { loadNative } = await import('../../server/native.ts')
  const libsodium = await loadNative()
  if (libsodium.kind === 'native' || libsodium.fault === null) return
  for (const row of onScreen(
    `DOORMAT_NATIVE=1 has no effect: ${libsodium.fault}. Everything works without it, and takes longer.`,
    process.stderr,
  ))
    tell(row)
  delete process.env['DOORMAT_NATIVE']
}

/** Every command with its options and an example; what a command does is in its own file, loaded when it runs. */
export function buildProgram(): Command {
  const usual = usualFolders()
  const program = new Command('doormat')
    .description(
      'An end-to-end encrypted messenger with a switch: the operator can put a key under the mat, and Doormat measures who can then read what.',
    )
    .version(about.version)
    .option('--no-color', 'print without colour (or set NO_COLOR)')
    .on('option:no-color', () => (process.env['NO_COLOR'] = '1'))
    .addHelpCommand(new Command('help [command]').description('display help for a command').helpGroup('Start here:'))
    .showSuggestionAfterError()
    .exitOverride()
    .hook('preAction', (_program, command) => needFolders(command))
    .hook('preAction', loadLibsodium)
    .configureOutput({
      writeOut: write,
      writeErr: (text) => text.trimEnd().split('\n').flatMap(errorRows).forEach(tell),
    })
    .addHelpText('after', example('doormat demo'))
    .addHelpText(
      'after',
      `Documentation: ${documentation('cli.md')}\nReport a fault: ${documentation('errors.md')} says what to send, and where\n`,
    )
  const kit = kitFor(program, usual)
  const { command, withJson } = kit

  program.commandsGroup('Start here:')
  command('demo', 'the guided tour: three conversations, a relay, the key, the thief', 'doormat demo')
    .option('--say <text>', 'a sentence of your own, to be sent while the key is under the mat')
    .option('--yes', 'run through without asking for anything')
    .option('--pace <pace>', 'slow: line by line, for a room that reads along')
    .action(async (flags) => (await import('./demo/demo.ts')).demo(flags))

  program.commandsGroup('Your device:')
  addDeviceCommands(kit)
  program.commandsGroup('The operator and the authority:')
  addOperatorCommands(kit)
  addAuthorityCommands(kit)

  program.commandsGroup('Measure and learn:')
  const lab = command('lab', 'measure on an invented world who can read what', 'doormat lab matrix')
  const ofWorld = (made: Command) =>
    made
      .option('--seed <text>', 'what the world and all its keys are drawn from', 'doormat')
      .option('--people <number>', 'how many people it has: 34 to 5000', '300')
  ofWorld(withJson(command('matrix', 'try every adversary under every mode', 'doormat lab matrix --people 34', lab)))
    .option('--details', 'also messages, people and detectors, mode by mode')
    .action(async (flags) => (await import('./commands/lab.ts')).matrix(flags))
  ofWorld(
    command('report', 'the same with all experiments, as a page with pictures', 'doormat lab report --out report', lab),
  )
    .option('--out <folder>', 'where to write it; made if it does not exist', 'doormat-report')
    .action(async (flags) => (await import('./commands/lab.ts')).report(flags))
  withJson(
    command(
      'sensitivity',
      'measure how far the headline of the findings depends on the world',
      'doormat lab sensitivity --seeds 2',
      lab,
    ),
  )
    .option('--seeds <number>', 'how many worlds for each point: 1 to 100', '10')
    .action(async (flags) => (await import('./commands/lab-sensitivity.ts')).sensitivity(flags))
  withJson(
    command(
      'replay',
      'try every adversary on a dataset of who wrote to whom, under one mode',
      'doormat lab replay --dataset collegemsg.txt --text sms.tsv',
      lab,
    ),
  )
    .requiredOption('--dataset <file>', 'SENDER RECIPIENT UNIXTIME on each line, in numbers')
    .requiredOption('--text <file>', 'what they say, one text on each line; never printed')
    .option('--mode <id>', 'the access mode', 'message-key-escrow')
    .option('--messages <number>', 'only so many, from the beginning')
    .option('--seed <text>', 'what all keys are drawn from', 'doormat')
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
    .option(
      '--story <name>',
      'of the twelve people on stage: ordinary, or sensitive, with a story of abuse',
      'ordinary',
    )
    .option('--tls', 'let phones in by https, with a certificate made for this workshop: each will warn of it first')
    .option('--keep <folder>', 'keep everything here, and go on from it the next time; without it nothing is left')
    .action(async (flags) => (await import('./commands/workshop.ts')).workshop(flags))
  command('doctor', 'try whether phones reach this machine', 'doormat workshop doctor', workshop).action(
    async (_flags, made: Command) => (await import('./commands/workshop.ts')).doctor(made.optsWithGlobals()),
  )

  const shown = command(
    'wire <archive>',
    'show the envelopes in an archive: who, to whom, when, how large',
    'doormat wire passed.archive --person alice',
  )
  withJson(shown)
    .option('--person <name>', 'only what this person sent or got')
    .option('--sort <order>', 'size: the largest first; time: as they passed', 'time')
    .action(async (archive, flags) => (await import('./commands/wire.ts')).wire(archive, flags))

  const exercise = command('exercise', 'seven exercises, for a class or alone', 'doormat exercise list')
  const folder = (made: Command) => made.option('--dir <folder>', 'where your runs are', usual.exercises)
  folder(command('list', 'what there is, and what you have done', 'doormat exercise list', exercise)).action(
    async (flags) => (await import('./exercise/exercise.ts')).list(flags),
  )
  folder(
    command(
      'start <exercise>',
      'make your own run of it, or show its task again',
      'doormat exercise start wire',
      exercise,
    ),
  )
    .option('--again', 'make another run beside the one that there is')
    .option('--seed <text>', 'make everything in it from this text: the same run for everybody who gives the same')
    .option('--student <id>', 'who you are, for the receipt that you hand in')
    .action(async (id, flags) => (await import('./exercise/exercise.ts')).start(id, flags))
  const check = command(
    'check <exercise> <answer...>',
    'check your answer on your newest run, or on one that you name: wire-1',
    'doormat exercise check wire ada bob 12',
    exercise,
  )
  withJson(folder(takesWords(check)).option('--student <id>', 'write a receipt for this student')).action(
    async (id, answer, flags) => (await import('./exercise/exercise.ts')).check(id, answer, flags),
  )
  withJson(
    command(
      'grade <folder>',
      'look at the receipts that a class has handed in: who has solved what',
      'doormat exercise grade handed-in',
      exercise,
    ),
  )
    .option('--seed <text>', 'take only runs made from this text, or from this text and the student')
    .option('--csv', 'print a table for a spreadsheet')
    .action(async (path, flags) => (await import('./exercise/grade.ts')).grade(path, flags))

  command('completion <shell>', 'print completions for bash, zsh or fish', 'doormat completion bash').action(
    async (shell) => (await import('./commands/completion.ts')).completion(shell, program),
  )

  return program
}
