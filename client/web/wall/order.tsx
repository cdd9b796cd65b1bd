import type { HostView, LogHead, ReadByKey } from '../../workshop/api.ts'
import { counted } from '../../words/counted.ts'
import { Lines } from './lines.tsx'

/** What a court's order gave, what its key could do, and what a clerk saw without one. */
export function OrderAndClerk({ now: { order, lookedUp, wall, read } }: { readonly now: HostView }) {
  const names = !wall.hidesNames
  if (!order && !lookedUp) return <p class="pad">No order has been carried out, and nobody was looked up.</p>
  return (
    <section class="orders" aria-label="Order and clerk">
      {order && (
        <article>
          <h2>
            Order {order.serial}: {names ? order.person : 'one person'}
          </h2>
          <p>
            The order desk made {order.checks} checks; {order.onTrust} of them rest on somebody’s word.
          </p>
          <p class="exposed">
            It gave {counted(order.read.messages, 'message')} in{' '}
            {counted(order.read.conversations.length, 'conversation')}.
          </p>
          <p>
            The order named 1 person. The same key opens messages of{' '}
            <strong class="exposed">{counted(order.possible, 'person', 'people')}</strong>.
          </p>
          {!lookedUp && <Lines read={order.read} names={names} />}
          <Log log={order.log} />
        </article>
      )}
      {lookedUp && (
        <article class="clerk">
          <h2>
            A clerk looks up {names ? lookedUp.person : 'one person'}. No order names {names ? 'them' : 'anybody'}.
          </h2>
          <p class="exposed">{seen(lookedUp.read, read)}</p>
          <Lines read={lookedUp.read} names={names} />
          <Log log={lookedUp.log} />
          {sameLog(lookedUp.logBefore, lookedUp.log) && (
            <p>The audit log has not changed. The clerk used the key, and not the order desk.</p>
          )}
        </article>
      )}
    </section>
  )
}

function seen(theirs: ReadByKey, all: ReadByKey): string {
  if (theirs.messages > 0)
    return `The clerk reads ${counted(theirs.messages, 'message')} with ${counted(theirs.conversations.length, 'person', 'people')}.`
  return all.messages === 0 ? 'There is nothing that the key opens.' : 'Of this person the key opens nothing.'
}

const sameLog = (before: LogHead | null, after: LogHead | null) => before?.digest === after?.digest

const Log = ({ log }: { readonly log: LogHead | null }) => (
  <p class="log">
    {log
      ? `Audit log: ${counted(log.entries, 'entry', 'entries')}, the last “${log.last}”, ${log.digest.slice(0, 12)}…`
      : 'Audit log: empty.'}
  </p>
)
