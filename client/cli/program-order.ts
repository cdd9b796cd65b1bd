import type { Command } from 'commander'

/** Makes a command below another, with an example. */
type Made = (usage: string, description: string, shown: string, parent?: Command) => Command

/** The part of the program in which orders are written, looked at and carried out. */
export function addOrderCommands(command: Made, authority: Command): void {
  const order = command(
    'order',
    'orders of courts and ministers, and the order desk of the company that gets them',
    'doormat authority order desk --desk desk --jurisdiction us',
    authority,
  )
  const atDesk = (made: Command) => made.option('--desk <folder>', 'the folder of the order desk', 'desk')
  const withJson = (made: Command) => made.option('--json', 'one JSON object a line')

  command(
    'issuer',
    'make the key of somebody who signs orders',
    "doormat authority order issuer --name 'Home Secretary' --jurisdiction uk --out minister.key",
    order,
  )
    .requiredOption('--name <name>', 'who signs')
    .requiredOption('--jurisdiction <state>', 'the state that they sign for: us, uk or xa')
    .option('--out <file>', 'where to put it; the public half gets .pub', 'issuer.key')
    .action(async (flags) => (await import('./commands/order.ts')).issuer(flags))

  atDesk(
    command(
      'desk',
      "make a company's order desk, tell it whom to trust, show whom it trusts",
      'doormat authority order desk --desk desk --jurisdiction us --trust minister.key.pub',
      order,
    ),
  )
    .option('--jurisdiction <state>', 'the state that holds the data; makes the order desk where there is none')
    .option('--trust <file>', 'accept orders of this issuer from now on: its public key')
    .option('--revoke <file>', 'accept them no longer')
    .action(async (flags) => (await import('./commands/order.ts')).desk(flags))

  command(
    'draft',
    'write and sign an order, as its issuer',
    'doormat authority order draft --issuer minister.key --serial 2026-17 --standard uk-interception --person alice --from 2026-03-01 --to 2026-03-08 --expires 2027-01-01 --out order.json',
    order,
  )
    .requiredOption('--issuer <file>', "the issuer's key")
    .requiredOption('--serial <serial>', "the issuer's own number for it")
    .requiredOption(
      '--standard <standard>',
      'the legal standard that was met: docs/orders.md lists them, with who signs under each',
    )
    .requiredOption('--person <name>', 'whom it is about')
    .requiredOption('--from <time>', 'the beginning of its window: 2026-03-01, or 2026-03-01T09:30Z')
    .requiredOption('--to <time>', 'the end of its window')
    .requiredOption('--expires <time>', 'when it can no longer be executed')
    .option('--kind <kind>', 'content or metadata', 'content')
    .option('--path <path>', 'direct to the company, or through the government that holds the data', 'direct')
    .option('--requested-by <state>', "the state that asks; by default the issuer's own")
    .option('--mode <mode>', 'the access mode whose custodian it is addressed to')
    .option('--custodian <name>', 'who keeps its key')
    .option('--out <file>', 'where to put it', 'order.json')
    .action(async (flags) => (await import('./commands/order.ts')).draft(flags))

  atDesk(
    command(
      'submit <file>',
      'hand an order in at the order desk',
      'doormat authority order submit order.json --desk desk',
      order,
    ),
  ).action(async (file, flags) => (await import('./commands/order.ts')).submit(file, flags))

  withJson(
    atDesk(
      command(
        'review <order>',
        'make the checks, and accept, narrow or refuse',
        'doormat authority order review 2026-17 --desk desk --narrow-to 2026-03-05',
        order,
      ),
    ),
  )
    .option('--refuse <reason>', 'refuse it, whatever the checks say')
    .option('--narrow-from <time>', 'let it begin later')
    .option('--narrow-to <time>', 'let it end earlier')
    .action(async (named, flags) => (await import('./commands/order-desk.ts')).review(named, flags))

  withJson(
    atDesk(
      command(
        'execute <order>',
        'hand over what an accepted order names, and nothing else',
        'doormat authority order execute 2026-17 --desk desk --key escrow.key --archive passed.archive --show-possible',
        order,
      ),
    ),
  )
    .option('--key <files...>', 'the escrow key; several, where a mode has several', ['escrow.key'])
    .option('--archive <file>', "an archive of a relay's envelopes")
    .option('--store <file>', "a copy of a relay's store")
    .option('--out <folder>', 'where to write it', 'handed-over')
    .option('--show-possible', 'count what the same key opens in the same archive; no text is shown')
    .action(async (named, flags) => (await import('./commands/order-desk.ts')).execute(named, flags))

  withJson(
    atDesk(
      command(
        'audit',
        'check the audit log of an order desk, and print it with the public counts',
        'doormat authority order audit --desk desk',
        order,
      ),
    ),
  )
    .option('--head <digest>', 'require this entry in the log: a head that was published before')
    .action(async (flags) => (await import('./commands/order-audit.ts')).audit(flags))
}
