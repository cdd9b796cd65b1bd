import type { HostView } from '../../workshop/api.ts'
import { visible } from '../../words/visible.ts'
import { press } from './press.ts'

/** The people on stage: twelve of the built-in world, with devices like any. */
export function Stage({ now: { stage, walk } }: { readonly now: HostView }) {
  const isOver = stage.isReady && stage.said >= stage.of
  const last = walk ? walk.desks.length - 1 : 0
  return (
    <>
      <p>
        {stage.isReady
          ? `${stage.people.length} people are on stage, and have written ${stage.said} of ${stage.of} messages.`
          : stage.fault === null
            ? 'The people on stage are coming in …'
            : `The people on stage have left (${visible(stage.fault)}).`}{' '}
        What they write is invented, and is really encrypted.
      </p>
      {stage.isSensitive && (
        <p class="fault">
          One of these stories is of somebody who has left an abusive partner. Tell the room before it stands on the
          wall.
        </p>
      )}
      <div class="buttons">
        <button
          type="button"
          disabled={!stage.isReady || isOver}
          onClick={press('/host/walk', { isNew: true }, 'The message is at its first desk: the sender’s.')}
        >
          Follow one message
        </button>
        <button
          type="button"
          disabled={!walk || walk.at >= last}
          onClick={press('/host/walk', { isNew: false }, 'The message is at the next desk.')}
        >
          Next desk
        </button>
        <button
          type="button"
          disabled={!stage.isReady || isOver}
          aria-pressed={stage.isPlaying}
          onClick={press(
            '/host/play',
            { isPlaying: !stage.isPlaying },
            stage.isPlaying ? 'The story rests.' : 'The story goes on by itself.',
          )}
        >
          {stage.isPlaying ? 'Rest the story' : 'Play the story'}
        </button>
      </div>
    </>
  )
}
