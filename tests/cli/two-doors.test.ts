import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDevice } from '../../client/device/device.ts'
import { openStore } from '../../client/node/store.ts'
import { joinMode } from '../../crypto/access/index.ts'
import { systemRandom } from '../../crypto/random.ts'
import { here } from '../support/here.ts'
import { doormat, patiently, relayForCli } from '../support/world-cli.ts'

/* Two commands take messages line by line, `send --stdin` and `chat` in a pipe: what is a message for one is one for the other. */

let relay: Awaited<ReturnType<typeof relayForCli>>
const doors = [
  ['send --stdin', (to: string) => ['send', to, '--stdin']],
  ['chat in a pipe', (to: string) => ['chat', to]],
] as const
let told = 0

/** What Alice has written since it was asked for last, to anybody. */
function written(): readonly string[] {
  const store = openStore(relay.path('alice'))
  const entries = openDevice(store, { joinMode, random: systemRandom, clock: Date.now }).history.after(told, null, 1000)
  store.close()
  told = entries.at(-1)?.row ?? told
  return entries.flatMap((entry) => (entry.kind === 'message' ? [entry.text] : []))
}
const said = ({ stderr }: { readonly stderr: string }) =>
  stderr.split('\n').filter((line) => line !== '' && !line.endsWith(' sent to bob'))

beforeAll(async () => {
  relay = await relayForCli()
  for (const name of ['alice', 'bob'])
    await here(['register', name, '--no-passphrase', '--relay', relay.url, '--home', relay.path(name)])
})
afterAll(() => relay.stop())

describe.each(doors)('doormat %s', (_name, command) => {
  const send = async (input: string | Buffer, to = 'bob') => {
    let texts: readonly string[] = []
    const ended = await patiently(async () => {
      const once = await doormat([...command(to), '--home', relay.path('alice')], { input })
      texts = written()
      return once
    })
    return { ended, texts }
  }

  it('sends nothing that is not UTF-8, and nothing too long, says which line it was, and ends with 1', async () => {
    const input = Buffer.concat([
      Buffer.from('before\n'),
      Buffer.from([0x68, 0xe4, 0x0a]),
      Buffer.from(`${'x'.repeat(64_001)}\n`),
      Buffer.from('after\n'),
    ])
    const { ended, texts } = await send(input)
    expect(texts).toEqual(['before', 'after'])
    expect(ended.code).toBe(1)
    expect(said(ended)).toEqual([
      'line 2: the text is not UTF-8 [bad-text]',
      expect.stringMatching(/^line 3: a message is at most 64000 bytes.*\[bad-text\]$/),
      'doormat: 2 lines were not sent',
    ])
  })

  it('ends a line with LF or CRLF; a CR within one, and a zero, belong to the text', async () => {
    const { ended, texts } = await send('one\r\ntwo\rparts\nwith \0 in it\nlast')
    expect(texts).toEqual(['one', 'two\rparts', 'with \0 in it', 'last'])
    expect([ended.code, said(ended)]).toEqual([0, []])
  })

  it('takes no byte order mark for text, and nothing of what is UTF-16', async () => {
    expect((await send('\ufefffirst\n\ufeffsecond\n')).texts).toEqual(['first', '\ufeffsecond'])
    const { ended, texts } = await send(Buffer.from('\ufeffone\ntwo\n', 'utf16le'))
    expect(texts).toEqual([])
    expect([ended.code, said(ended)]).toEqual([
      1,
      ['doormat: standard input is UTF-16, and has to be UTF-8 [bad-text]', expect.stringMatching(/^try: iconv /)],
    ])
  })

  it('ends with 1 where nobody has that name, or nobody can', async () => {
    const nobody = await send('hello\n', 'nobody')
    expect([nobody.ended.code, said(nobody.ended)]).toEqual([
      1,
      ['doormat: 1 of 1 not sent: the relay knows nobody called nobody', 'try: doormat history nobody'],
    ])
    const never = await send('hello\n', 'Bob')
    expect([never.ended.code, said(never.ended)]).toEqual([
      1,
      ['doormat: that is not the name of another person [no-such-contact]'],
    ])
  })
})
