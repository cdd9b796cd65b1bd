import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readIssuerSecret } from '../../client/authority/order/issuer.ts'
import { renderOrder } from '../../client/authority/order/order-file.ts'
import { draftOrder } from '../../client/authority/order/order.ts'
import { base64url } from '../../crypto/bytes.ts'
import { here } from '../support/here.ts'
import { isLong } from '../support/long.ts'
import { day, linesOf, recordedTown, request } from '../support/orders.ts'
import { scratch } from '../support/program.ts'
import { archiveOf } from '../support/recorded.ts'
import { doormat, type Finished, objects } from '../support/world-cli.ts'
import { differences } from '../support/world-page.ts'

/*
 * Officer, desk and stranger as people run them, in one folder with an archive and the key that opens it. The tests go on
 * from each other's state.
 */

const { path, remove } = scratch()
afterAll(remove)

const run = (...args: string[]): Promise<Finished> => here(['authority', ...args], { cwd: path('') })
const order = (...args: string[]): Promise<Finished> => run('order', ...args)
const window = ['--from', '2026-03-01', '--to', '2026-03-08', '--expires', '2099-01-01']
const draft = (serial: string, out: string, ...more: string[]) =>
  order('draft', '--issuer', 'crown.key', '--serial', serial, ...window, '--out', out, ...more)
const forAlice = ['--standard', 'uk-interception', '--person', 'alice']

/** How a command was refused: its exit code, and what stands in the one or two lines that it said. */
function refused({ code, stderr }: Finished): readonly (number | string | null)[] {
  const [said = '', hint = '', ...rest] = stderr.trimEnd().split('\n')
  expect(rest).toEqual([])
  if (hint !== '') expect(hint).toMatch(/^try: doormat authority order /)
  return [code, said]
}

beforeAll(async () => {
  const { recorded, key } = recordedTown()
  writeFileSync(path('passed.archive'), archiveOf(recorded))
  writeFileSync(
    path('escrow.key'),
    JSON.stringify({ doormat: 'escrow key', mode: key.mode, secret: base64url(key.secret) }),
  )
  const issuer = (name: string, file: string) => order('issuer', '--name', name, '--jurisdiction', 'uk', '--out', file)
  const made = await Promise.all([issuer('Home Secretary', 'crown.key'), issuer('Home Secretary', 'impostor.key')])
  made.push(await order('desk', '--jurisdiction', 'us', '--trust', 'crown.key.pub'))
  made.push(await draft('17', '17.json', ...forAlice))
  // this program signs no order for everybody; another does
  const everybody = request({ serial: '18', standard: 'uk-data', person: '*', expires: day('2099-01-01') })
  writeFileSync(path('18.json'), renderOrder(draftOrder(everybody, readIssuerSecret(path('crown.key')))))
  const failed = made.find(({ code }) => code !== 0)
  if (failed) throw new Error(failed.stderr)
})

describe('what is handed to the desk', () => {
  it('is turned away in one line when it was forged, altered, or is none', async () => {
    const impostor = ['--issuer', 'impostor.key', '--serial', '19', ...window, ...forAlice, '--out', 'impostor.json']
    await order('draft', ...impostor)
    const text = readFileSync(path('17.json'), 'utf8')
    writeFileSync(path('altered.json'), text.replace('"alice"', '"carol"'))
    const bytes = /"signed": "(.*)"/.exec(text)?.[1] ?? ''
    writeFileSync(path('forged.json'), text.replace(bytes, `${bytes.slice(0, -9)}AAAAAAAA${bytes.slice(-1)}`))
    writeFileSync(path('half.json'), text.slice(0, text.indexOf('"kind"') + 3))
    const files = ['impostor.json', 'altered.json', 'forged.json', 'half.json', 'escrow.key', 'nothing.json']
    const said = await Promise.all(files.map((file) => order('submit', file)))
    expect(said.map(refused)).toEqual([
      [
        4,
        'doormat: impostor.json names the issuer Home Secretary, with a key that this order desk does not know [unknown-issuer]',
      ],
      [1, 'doormat: altered.json, line 9: it differs from what was signed: "person": "alice" [bad-order]'],
      [4, 'doormat: forged.json was not signed by Home Secretary, or was changed since [forged-order]'],
      [1, 'doormat: half.json, line 12: it is not JSON, and so not an order of doormat [bad-order]'],
      [1, 'doormat: escrow.key is not an order of doormat [bad-order]'],
      [1, 'doormat: there is no nothing.json'],
    ])
    const hints = said.map(({ stderr }) => stderr.trimEnd().split('\n').slice(1).join())
    const [trusted, again] = ['desk', 'submit ANOTHER'].map(
      (next) => `try: doormat authority order ${next} --desk desk`,
    )
    expect(hints.slice(0, -1)).toEqual([trusted, again, trusted, again, again])
    expect(linesOf(path('desk/audit.log'))).toHaveLength(2)
  })

  it('is taken once, by whichever of several processes comes first', async () => {
    const said = await Promise.all(
      ['17.json', '18.json', '17.json'].map((file) =>
        doormat(['authority', 'order', 'submit', file], { cwd: path('') }),
      ),
    )
    expect(said.filter(({ code }) => code === 0)).toHaveLength(2)
    expect(refused(said.find(({ code }) => code === 1) as Finished)[1]).toBe(
      'doormat: 17.json: this order desk has an order 17 of Home Secretary already [bad-order]',
    )
    const audit = await order('audit', '--json')
    expect(objects(audit).filter(({ what }) => what === 'received')).toHaveLength(2)
  })
})

describe('a review', () => {
  it('shows each check, and refuses an order for everybody’s content under a standard for records', async () => {
    const [plain, json] = await Promise.all([order('review', '18'), order('review', '18', '--json')])
    expect(refused(plain)).toEqual([
      1,
      'doormat: order 18 is refused: kind (it asks for content; uk-data gives metadata); person ("*" is not the name of one person) [order-refused]',
    ])
    expect(plain.stdout).toMatch(/^ {2}FAILED {4}person {11}software {6}"\*" is not/m)
    expect(plain.stdout).toMatch(/^ {2}on trust {2}within {11}a promise {5}whoever holds the key: /m)
    expect(plain.stdout).toMatch(
      /^Refused, because of: kind, person\. Of 17 checks, cryptography enforces 1 and\nsoftware 9; 7 rest on a promise\.$/m,
    )
    expect(Math.max(...plain.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    const [made, decision] = [objects(json).slice(0, -1), objects(json).at(-1) ?? {}]
    expect([made.flatMap((one) => differences(one, 'order check')), differences(decision, 'order decision')]).toEqual([
      [],
      [],
    ])
    expect(decision).toMatchObject({ order: '18', outcome: 'refused' })
  })

  it('is needed before anything is executed', async () => {
    expect(refused(await order('execute', '17', '--archive', 'passed.archive'))).toEqual([
      1,
      'doormat: order 17 has not been reviewed [order-refused]',
    ])
  })

  it('narrows what is asked for', async () => {
    const narrowed = await order('review', '17', '--narrow-to', '2026-03-03')
    expect(narrowed.code).toBe(0)
    expect(narrowed.stdout).toMatch(
      /^Accepted, but only for 2026-03-01T00:00:00Z until 2026-03-03T00:00:00Z\. Of 17\n/m,
    )
    expect(refused(await order('review', '17', '--narrow-to', '2026-03-09'))[1]).toMatch(/to less, not to more/)
  })
})

describe('what is executed', () => {
  it('is within the order, as it was narrowed; and what else the key opens is counted, not shown', async () => {
    const done = await order('execute', '17', '--archive', 'passed.archive', '--show-possible', '--json')
    expect(objects(done)).toEqual([
      {
        order: '17',
        kind: 'content',
        messages: 2,
        people: 2,
        openedBefore: 0,
        possibleMessages: 7,
        possiblePeople: 5,
        incomplete: null,
      },
    ])
    expect(differences(objects(done)[0] ?? {}, 'execution')).toEqual([])
    expect(readdirSync(path('handed-over')).toSorted()).toEqual([
      'transcript.html',
      'transcript.json',
      'transcript.txt',
    ])
    const texts = JSON.parse(readFileSync(path('handed-over/transcript.json'), 'utf8')) as { text: string }[]
    expect(texts.map(({ text }) => text)).toEqual(['the van is at nine', 'bring the ladder'])
    for (const name of readdirSync(path('handed-over')))
      expect(readFileSync(path(`handed-over/${name}`), 'utf8')).not.toMatch(/Mill Lane|are you well/)
  })

  it('is kept when the order is executed again, which says what is there and where its count is', async () => {
    const before = readFileSync(path('handed-over/transcript.txt'), 'utf8')
    expect(refused(await order('execute', '17', '--archive', 'passed.archive'))).toEqual([
      1,
      'doormat: handed-over holds what was handed over before, in transcript.txt; the audit log has how much it was: doormat authority order audit --desk desk',
    ])
    expect(readFileSync(path('handed-over/transcript.txt'), 'utf8')).toBe(before)
  })

  it.skipIf(!isLong)('(in test:long) needs no key where only metadata are asked for', async () => {
    await draft('20', '20.json', '--standard', 'uk-data', '--person', 'alice', '--kind', 'metadata')
    await order('submit', '20.json')
    await order('review', '20')
    const flags = ['--archive', 'passed.archive', '--key', 'nothing', '--out', 'outside']
    const done = await order('execute', '20', ...flags)
    expect(done).toMatchObject({
      code: 0,
      stdout: 'Handed over: the outside of 3 envelopes of 3 people, in the folder outside.\n',
    })
    expect(linesOf(path('outside/metadata.txt'))[0]).toMatch(/^2026-03-01T00:00:00Z {2}alice -> bob: \d+ bytes$/)
  })

  it('is nothing, and no fault either, where a person has refused', async () => {
    expect(await order('review', '18', '--refuse', 'no grounds')).toMatchObject({ code: 0, stderr: '' })
    expect(
      objects(await order('audit', '--json')).find(({ note }) => note === 'kind, person, no grounds'),
    ).toMatchObject({
      what: 'refused',
    })
  })

  it('the key opens anyway: nothing of the desk stands in its way', async () => {
    const [byOrder, byKey] = await Promise.all([
      order('execute', '18', '--archive', 'passed.archive', '--out', 'never'),
      run('open', '--archive', 'passed.archive'),
    ])
    expect(refused(byOrder)).toEqual([1, 'doormat: order 18 was refused [order-refused]'])
    expect(byKey.code).toBe(0)
    expect(byKey.stdout).toContain('carol -> dave: my new address is 4 Mill Lane')
    expect(byKey.stdout.trimEnd().split('\n')).toHaveLength(7)
  })
})

describe('an audit', () => {
  let head = ''

  it('prints what happened, the public counts and the head, and nobody’s name', async () => {
    const [plain, json] = await Promise.all([order('audit'), order('audit', '--json')])
    expect(plain.stdout).toMatch(/^ {2}uk +direct +content +narrowed +1 +1 {2}2 messages of 2 people$/m)
    expect(plain.stdout).not.toMatch(/alice|carol/)
    const printed = objects(json)
    const [entries, counts] = [
      printed.filter((one) => 'sequence' in one),
      printed.filter((one) => !('sequence' in one)),
    ]
    expect(entries.flatMap((one) => differences(one, 'audit entry'))).toEqual([])
    expect(counts.flatMap((one) => differences(one, 'public count'))).toEqual([])
    head = String(entries.at(-1)?.['digest'])
    expect(plain.stdout).toContain(`, head ${head}\n`)
  })

  it('needs two files and no key, and names the line that was changed', async () => {
    const log = readFileSync(path('desk/audit.log'), 'utf8')
    writeFileSync(path('desk/audit.log'), log.replace('"messages":2', '"messages":1'))
    const at = linesOf(path('desk/audit.log')).findIndex((line) => line.includes('"messages":1')) + 1
    expect(refused(await order('audit'))).toEqual([
      4,
      `doormat: desk/audit.log, line ${at}: the order desk's signature does not match: the entry was changed, or somebody else wrote it [bad-audit-log]`,
    ])
    writeFileSync(path('desk/audit.log'), log)
  })

  it('misses an end that was cut off only where somebody remembers a head', async () => {
    const whole = linesOf(path('desk/audit.log'))
    writeFileSync(path('desk/audit.log'), `${whole.slice(0, 4).join('\n')}\n`)
    const [without, withHead] = await Promise.all([order('audit'), order('audit', '--head', head)])
    expect(without.code).toBe(0)
    expect(refused(withHead)).toEqual([
      4,
      `doormat: desk/audit.log ends at line 4 without the entry ${head}: it was cut off, or written anew, since that was its head [bad-audit-log]`,
    ])
    writeFileSync(path('desk/audit.log'), `${whole.join('\n')}\n`)
    expect((await order('audit', '--head', head)).code).toBe(0)
  })
})
