import { Banner } from './banner.tsx'
import { Choosing } from './choosing.tsx'
import { Conversation } from './conversation.tsx'
import { over, view } from './device.ts'
import { Joining } from './joining.tsx'
import { People } from './people.tsx'
import { isAlone, opened, stage } from './state.ts'

export function App() {
  const { at } = stage.value
  if (over.value !== null) return <Over why={over.value} />
  if (at === 'joining') return <Joining />
  if (at === 'choosing') return <Choosing kept={stage.value.kept} />
  if (at === 'inside' && view.value) return <Inside />
  return (
    <main class="note" aria-busy={!isAlone.value}>
      <h1>Doormat</h1>
      <p role="status">
        {isAlone.value
          ? 'The host’s laptop does not answer. Are you in its Wi-Fi? This page tries again by itself.'
          : 'One moment …'}
      </p>
    </main>
  )
}

function Over({ why }: { readonly why: string }) {
  return (
    <main class="note">
      <h1>Doormat has stopped in this tab</h1>
      <p role="alert">{why}</p>
      <button type="button" class="main" onClick={() => location.reload()}>
        Load the page again
      </button>
    </main>
  )
}

function Inside() {
  const isOpen = opened.value !== null
  return (
    <div class={isOpen ? 'inside open' : 'inside'}>
      <Banner />
      {isOpen ? (
        <>
          <People />
          <Conversation user={opened.value ?? ''} key={opened.value} />
        </>
      ) : (
        <main class="choose">
          <h1 class="unseen">Who is here</h1>
          <People />
          <p class="hint">Choose somebody, or everybody.</p>
        </main>
      )}
    </div>
  )
}
