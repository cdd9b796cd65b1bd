import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { hex } from '../../crypto/bytes.ts'
import { openDesk, receivedIn } from '../../client/authority/order/desk-folder.ts'
import { logIn, logOf } from '../../client/authority/order/desk-log.ts'
import { createDesk, revokeIssuer, trustIssuer } from '../../client/authority/order/desk-setup.ts'
import { renderOrder } from '../../client/authority/order/order-file.ts'
import { draftOrder, type IssuerSecret, type Request } from '../../client/authority/order/order.ts'
import { decideOrder, executableOrder, recordExecution, submitOrder } from '../../client/authority/order/received.ts'
import { openLock } from '../../server/sqlite.ts'
import { scratch } from '../support/program.ts'
import { crown, day, district, linesOf, ministry, now, refusal, refusalOf, request } from '../support/orders.ts'
import { seededRandom } from '../support/random.ts'

const { path, remove } = scratch()
afterAll(remove)

let made = 0
let folder = ''

beforeEach(async () => {
  folder = path(`desk-${++made}`)
  await createDesk(folder, 'us', seededRandom(folder.slice(-6)), now)
  await trustIssuer(folder, crown, now)
  await trustIssuer(folder, district, now)
})

const order = (other: Partial<Request> = {}, by: IssuerSecret = crown) => renderOrder(draftOrder(request(other), by))
const submit = (text: string) => submitOrder(folder, text, 'order.json', now)
const log = () => logOf(openDesk(folder))
const events = () => log().entries.map(({ what }) => what)

describe('a desk', () => {
  it('is a folder for its owner alone', () => {
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of ['desk.json', 'desk.key', 'audit.log', 'lock'])
      expect([name, statSync(`${folder}/${name}`).mode & 0o777]).toEqual([name, 0o600])
    expect(statSync(receivedIn(folder)).mode & 0o777).toBe(0o700)
  })

  it('is not made where something else is, nor in a state of which nothing is known', async () => {
    expect(await refusalOf(createDesk(path(''), 'us', seededRandom(1), now))).toMatch(/^bad-desk: there is something/)
    expect(await refusalOf(createDesk(path('new'), 'mars', seededRandom(1), now))).toBe(
      'bad-order: there is no jurisdiction mars; there is us, uk, xa',
    )
  })

  it('says what is wrong with its files', async () => {
    expect(refusal(() => openDesk(path('nothing')))).toMatch(/^bad-desk: there is no order desk in /)
    writeFileSync(`${folder}/desk.key`, readFileSync(`${path('desk-1')}/desk.key`))
    expect(await refusalOf(submit(order()))).toMatch(/^bad-desk: .*desk.key is not the key that desk.json names$/)
    writeFileSync(`${folder}/desk.json`, '{}')
    expect(refusal(() => openDesk(folder))).toMatch(/^bad-desk: .*desk.json is not an order desk of doormat$/)
  })

  it('writes down whom it trusts, and whom it does not any more', async () => {
    await revokeIssuer(folder, crown, now)
    expect(log().entries.map(({ what, note }) => `${what} ${note}`)).toEqual([
      'opened ',
      'trusted Home Secretary',
      'trusted District Court',
      'revoked Home Secretary',
    ])
    expect(await refusalOf(revokeIssuer(folder, ministry, now))).toBe(
      'unknown-issuer: this order desk has never trusted The Ministry',
    )
  })
})

describe('a desk that was stopped', () => {
  it('does first what it had written down, and nothing that it had not', async () => {
    const rules = `${folder}/desk.json`
    const before = readFileSync(rules)
    await revokeIssuer(folder, crown, now)
    renameSync(rules, `${rules}.unfinished-entry-${log().entries.length}`)
    for (const name of [rules, `${rules}.unfinished-entry-9`]) writeFileSync(name, before)
    await submit(order({}, district))
    expect(openDesk(folder).issuers.find(({ name }) => name === 'Home Secretary')?.revoked).toBe(now)
    expect(readdirSync(folder).toSorted()).toEqual(['audit.log', 'desk.json', 'desk.key', 'lock', 'received'])
  })
})

describe('an order at a desk', () => {
  it('is filed once under its serial, and as often as there are issuers', async () => {
    await submit(order())
    expect(await refusalOf(submit(order()))).toBe(
      'bad-order: order.json: this order desk has an order 2026-17 of Home Secretary already',
    )
    expect(await refusalOf(submit(order({ person: 'bob' })))).toMatch(/this order desk has an order 2026-17/)
    await submit(order({}, district))
    expect(readdirSync(receivedIn(folder))).toHaveLength(2)
  })

  it('leaves nothing where it is turned away', async () => {
    expect(await refusalOf(submit(order({}, ministry)))).toMatch(/^unknown-issuer: /)
    expect(await refusalOf(submit('{}'))).toMatch(/^bad-order: /)
    expect(readdirSync(receivedIn(folder))).toEqual([])
    expect(events()).toEqual(['opened', 'trusted', 'trusted'])
  })

  it('is found by its serial, or by the beginning of its digest where two have the same', async () => {
    const first = await submit(order())
    await submit(order({}, district))
    const decide = (named: string) => decideOrder(folder, named, {}, now)
    expect(await refusalOf(decide('2026-17'))).toMatch(/^no-such-order: there are 2 orders 2026-17: /)
    expect(await refusalOf(decide('2026-18'))).toBe('no-such-order: this order desk has no order 2026-18')
    const { signed } = await decide(hex(first.digest).slice(0, 12))
    expect(signed.order.issuer.name).toBe('Home Secretary')
  })

  it('is executed only when it has been accepted, and still holds', async () => {
    await submit(order())
    const may = (time = now) => refusal(() => executableOrder(folder, '2026-17', time))
    expect(may()).toBe('order-refused: order 2026-17 has not been reviewed')
    await decideOrder(folder, '2026-17', { refuse: 'no grounds' }, now)
    expect(may()).toBe('order-refused: order 2026-17 was refused')
    await decideOrder(folder, '2026-17', {}, now)
    expect(may()).toBe('not refused')
    expect(may(day('2026-06-02'))).toMatch(/was accepted, but is no longer valid: it expired at 2026-06-01T00:00:00Z$/)
    await revokeIssuer(folder, crown, now)
    expect(may()).toMatch(/is no longer valid: revoked at /)
    expect(await refusalOf(recordExecution(folder, '2026-17', { messages: 1, people: 2 }, now))).toMatch(
      /^order-refused: /,
    )
    expect(events()).not.toContain('executed')
  })

  it('counts as far as it was narrowed, in the log too', async () => {
    await submit(order())
    await decideOrder(folder, '2026-17', { narrow: { to: day('2026-03-03') } }, now)
    const window = { from: day('2026-03-01'), to: day('2026-03-03') }
    expect(executableOrder(folder, '2026-17', now).window).toEqual(window)
    await recordExecution(folder, '2026-17', { messages: 2, people: 2 }, now)
    expect(log().entries.at(-1)).toMatchObject({ what: 'executed', order: window, messages: 2, people: 2 })
  })

  it('keeps the reason of a refusal: the checks that failed, and what a person said', async () => {
    await submit(order({ person: '*', to: day('2027-03-01') }))
    await decideOrder(folder, '2026-17', { refuse: 'not in this form' }, now)
    expect(log().entries.at(-1)).toMatchObject({ what: 'refused', note: 'person, window, not in this form' })
  })

  it('is not used when somebody has changed it where it lies', async () => {
    const { digest } = await submit(order())
    const file = `${receivedIn(folder)}/${hex(digest)}.json`
    writeFileSync(file, readFileSync(file, 'utf8').replace('"alice"', '"bob"'))
    expect(await refusalOf(decideOrder(folder, '2026-17', {}, now))).toMatch(
      /^bad-order: .*\.json, line 9: it differs from what was signed: "person": "alice"$/,
    )
  })

  it('can be handed in again when the desk was stopped before it was in the log', async () => {
    await submit(order())
    const whole = linesOf(logIn(folder))
    writeFileSync(logIn(folder), `${whole.slice(0, -1).join('\n')}\n`)
    expect(await refusalOf(decideOrder(folder, '2026-17', {}, now))).toMatch(/^no-such-order: /)
    await submit(order())
    expect(events().at(-1)).toBe('received')
  })
})

describe('the log of a desk', () => {
  it('has each entry once when many write at once, and one of two with the same serial', async () => {
    const serials = [...Array(12).keys(), 3, 3].map(String)
    const said = await Promise.all(serials.map((serial) => refusalOf(submit(order({ serial })))))
    expect(said.filter((one) => one !== 'not refused')).toHaveLength(2)
    expect(log().entries).toHaveLength(3 + 12)
  })

  it('is not written to while another process is at work on it', async () => {
    const release = openLock(`${folder}/lock`)
    const submitted = submit(order())
    await wait(50)
    expect(events()).not.toContain('received')
    release?.()
    await submitted
    expect(events()).toContain('received')
  })

  it('goes on where a desk was stopped in the middle of a line, and not where a whole one was damaged', async () => {
    await submit(order())
    const size = statSync(logIn(folder)).size
    await decideOrder(folder, '2026-17', {}, now)
    truncateSync(logIn(folder), size + 40)
    expect(log()).toMatchObject({ unfinishedBytes: 40 })
    await decideOrder(folder, '2026-17', { refuse: 'after all' }, now)
    expect([events().slice(-2), log().unfinishedBytes]).toEqual([['received', 'refused'], 0])
    appendFileSync(logIn(folder), '{}\n')
    expect(await refusalOf(submit(order({ serial: '2' })))).toMatch(/audit.log, line 6: it is not an entry/)
  })

  it('is not begun anew when it is gone', async () => {
    rmSync(logIn(folder))
    expect(await refusalOf(submit(order()))).toMatch(/^bad-audit-log: there is no .*audit.log$/)
  })
})
