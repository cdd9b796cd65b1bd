import type { Person } from '../../../crypto/fingerprint.ts'
import { isSamePerson, type Membership, rankOf } from '../../../crypto/group-rules.ts'
import { type Change, changesMaximum, type Deed, isGroupTitle, membersMaximum } from '../../../crypto/membership.ts'
import { ClientError } from '../errors.ts'

/** Whether a change sends somebody away, or takes them an office. */
export function lowers({ author, deed }: Change, person: Person): boolean {
  if (deed.kind === 'leave') return isSamePerson(author, person)
  return (deed.kind === 'remove' || deed.kind === 'demote') && isSamePerson(deed, person)
}

/** What falls is made again where it is about a person: a title or a lifetime that somebody else has set meanwhile stays. */
export const isAboutSomebody = (deed: Deed): deed is Extract<Deed, { readonly user: string } | { kind: 'leave' }> =>
  'user' in deed || deed.kind === 'leave'

/** @throws ClientError `bad-text` for what cannot be a title */
export function checkTitle(title: string): string {
  if (isGroupTitle(title)) return title
  throw new ClientError('bad-text', 'a title is 1 to 64 bytes of text in one line, without spaces at its ends')
}

/** Why somebody may not do this in a group as it is now; null for a group that is to be founded. */
export function refusal(now: Membership | null, deed: Deed, me: Person): ClientError {
  const title = now?.title ?? ''
  if (!now || rankOf(now, me) === Infinity) return new ClientError('not-allowed', `you are not in ${title}`)
  if (deed.kind === 'add' && now.members.some(({ user }) => user === deed.user))
    return new ClientError('not-allowed', `${deed.user} is in ${title} already`)
  if (!now.admins.some((one) => isSamePerson(one, me)))
    return new ClientError('not-allowed', `only admins of ${title} may do that`, 'doormat group show GROUP')
  if (now.number + 1 >= changesMaximum)
    return new ClientError('not-allowed', `${title} has had as many changes as a group can: found another`)
  if (deed.kind === 'promote') return new ClientError('not-allowed', `${deed.user} is an admin already`)
  if (deed.kind === 'add' && now.members.length >= membersMaximum)
    return new ClientError('not-allowed', `a group has at most ${membersMaximum} people`)
  if (deed.kind === 'demote' && !now.admins.some((one) => isSamePerson(one, deed)))
    return new ClientError('not-allowed', `${deed.user} is no admin`)
  if (
    deed.kind === 'rename' ||
    deed.kind === 'lifetime' ||
    deed.kind === 'add' ||
    isSamePerson(me, now.admins[0] ?? me)
  )
    return new ClientError('not-allowed', 'you have made as many changes in this group as one account can')
  return new ClientError('not-allowed', 'whoever became an admin earlier cannot be removed by those who came after')
}

/** For the history: see words/group-notices.ts. */
export function wordsOf({ author, deed }: Change, how: 'done' | 'undone'): string {
  return JSON.stringify({ how, deed: deed.kind, author: author.user, subject: subjectOf(deed) })
}

function subjectOf(deed: Deed): string {
  if ('title' in deed) return deed.title
  if ('seconds' in deed) return String(deed.seconds)
  return 'user' in deed ? deed.user : ''
}
