/** What people write to somebody who never answers. */
export const unanswered: readonly string[] = [
  'Hello, we met at {event}. You wanted to know how I make {food}.',
  'Is this still your number? I have found your {colour} {clothes} at {place}.',
  '{name} said that you would sell {thing}. Is it still there?',
  'Good day, I am writing about the room. I could come on {day} at {time}.',
  'You will not remember me: {place}, on a {day}, and we shared {food}.',
  'Just to say that {event} begins at {time} and not at {time2}.',
  'Did you get {book}? I left it with {name}.',
  'I am sorry about {day}. I should have said something about {thing}.',
  'Hello from {place}! I think that I sat beside you at {event}.',
  'Are you the one who is looking after {pet}? {name} gave me your name.',
  'I still have {thing} of yours, and no idea when you are at home.',
  'Nothing urgent. I only wanted to ask about the {plant}, and how your {ache} is.',
]

/** What people add to a message, so that no two are the same. */
export const asides: readonly string[] = [
  'It is {weather} here.',
  'I have {food} in one hand, forgive the typing.',
  '{pet} says hello.',
  'I am at {place}, if you need me.',
  'Must run, it is {time} already.',
  'Greetings from {name}.',
  'We speak on {day}.',
  'I am writing this from {place}.',
  'More at {event}.',
  'Now {food}, and then to bed.',
  'Somebody has left {thing} in the hall.',
  '{name} is waiting at {place}.',
  'Say hello to {name} 🙂',
  'My {ache} is better, by the way.',
  'I have to see to the {plant} now.',
  'See you on {day}, at {time}.',
  'I have lost the {colour} {clothes}, at {place} I think.',
  '{name} is reading {book} to {pet}.',
]
