import { messageKeyEscrow } from '../../crypto/access/message-key-escrow.ts'
import { systemRandom } from '../../crypto/random.ts'
import { acquaint, textOf } from './contender.ts'
import { doormat } from './doormat.ts'
import { messagesOf, sizes } from './messages.ts'
import { figure, type Section, table, times } from './page.ts'
import type { Scale } from './scale.ts'
import { interleave, median, ratio, seriesOf } from './timing.ts'
import { messageTurn } from './turns.ts'

/** What the stanza of message-key-escrow costs each message: to make it, to make it again and compare, to carry it. */
export async function measureEscrow(scale: Scale): Promise<Section> {
  const { parameters } = messageKeyEscrow.setup(systemRandom)
  const seams = messageKeyEscrow.join(parameters)
  const rows: string[][] = []
  for (const size of sizes) {
    const [text, count] = [textOf(size), messagesOf(size, scale)]
    const pairs = { none: await acquaint(doormat()), escrow: await acquaint(doormat({ seams })) }
    const turns = new Map(
      Object.entries(pairs).map(([name, pair]) => [name, () => messageTurn(pair, text, count, scale.turns)]),
    )
    const rounds = await interleave(turns, Math.ceil(scale.rounds / 2), scale.messageWarmUps)
    const [plain, escrowed] = [await pairs.none.encrypt('alice', text), await pairs.escrow.encrypt('alice', text)]
    const compared = (operation: 'encrypt' | 'decrypt') => [
      figure(median(seriesOf(rounds, `none ${operation}`))),
      figure(median(seriesOf(rounds, `escrow ${operation}`))),
      times(ratio(rounds, `escrow ${operation}`, `none ${operation}`)),
    ]
    rows.push([
      `${size} B`,
      ...compared('encrypt'),
      ...compared('decrypt'),
      `${plain.length}`,
      `${escrowed.length}`,
      `+${escrowed.length - plain.length}`,
    ])
  }
  const header = [
    'text',
    'sending µs',
    'with escrow',
    'tax',
    'receiving µs',
    'with escrow',
    'tax',
    'bytes',
    'with escrow',
    'tax',
  ]
  const body = [
    'Message key escrow beside no access mode. The sender seals the encryption key of each message to a',
    '[custodian](glossary.md#custodian). A complying recipient makes the same [stanza](glossary.md#stanza) again and compares.',
    '',
    table(header, rows),
  ].join('\n')
  return { title: "The escrow's tax", body, goals: [] }
}
