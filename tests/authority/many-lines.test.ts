import { afterAll, describe, expect, it } from 'vitest'
import { createDesk, trustIssuer } from '../../client/authority/order/desk-setup.ts'
import { openDesk } from '../../client/authority/order/desk-folder.ts'
import { logOf } from '../../client/authority/order/desk-log.ts'
import { renderOrder } from '../../client/authority/order/order-file.ts'
import { draftOrder } from '../../client/authority/order/order.ts'
import { submitOrder } from '../../client/authority/order/received.ts'
import { transcriptPage } from '../../client/authority/transcript-page.ts'
import { byConversation, type TranscriptLine } from '../../client/authority/transcript.ts'
import { longLetters, officeHours } from '../../client/lab/experiments/guesses.ts'
import { crown, now, request } from '../support/orders.ts'
import { scratch } from '../support/program.ts'
import { seededRandom } from '../support/random.ts'
import { looksOf, stepsOf } from '../support/steps.ts'

/* Work on much evidence grows with it, and not with its square: steps are counted. */

const { path, remove } = scratch()
afterAll(remove)

const line = (i: number): TranscriptLine => ({
  time: i,
  from: i % 2 === 0 ? 'alice' : 'bob',
  fromDevice: '00',
  to: i % 2 === 0 ? 'bob' : 'alice',
  toDevice: '00',
  saysSentTo: null,
  group: null,
  sentAt: i,
  id: String(i),
  epoch: 1,
  attachment: null,
  mode: 'message-key-escrow',
  text: 'x',
})
const lines = Array.from({ length: 3000 }, (_, i) => line(i))
const envelopes = lines.map(({ time, from, to }) => ({ time, from, to, sizeBytes: 1000 }))

describe('what is done with many lines of one conversation', () => {
  it.each([
    ['sorting them by conversation', () => byConversation(lines)],
    ['writing the page of a transcript', () => transcriptPage({ lines, incomplete: null, limits: null })],
    ['finding out who keeps office hours', () => officeHours(envelopes)],
    ['finding out who writes long letters', () => longLetters(envelopes)],
  ])('%s takes a few steps for each', (_what, work) => {
    expect(stepsOf(work)).toBeLessThan(20 * lines.length)
  })
})

describe('a desk with many orders', () => {
  it('looks through its log once for all of them', async () => {
    const folder = path('desk')
    await createDesk(folder, 'us', seededRandom('many orders'), now)
    await trustIssuer(folder, crown, now)
    const submit = (serial: string) =>
      submitOrder(folder, renderOrder(draftOrder(request({ serial }), crown)), 'order.json', now)
    for (let i = 0; i < 30; i += 1) await submit(String(i))
    const { entries } = logOf(openDesk(folder))
    const looked = await looksOf(() => submit('last'))
    expect(looked).toBeLessThan(2 * entries.length)
  })
})
