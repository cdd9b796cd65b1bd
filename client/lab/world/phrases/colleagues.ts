/** Exchanges at work. The two speak in turn; behind `+ ` the same one goes on. */
export const colleagues: readonly (readonly string[])[] = [
  [
    'Could you send me {task} before {time}?',
    'I am on it. {name} still has the last page.',
    'Then I ask {name}. Thank you!',
    '+ By the way, there is {food} in the kitchen.',
  ],
  [
    '{fault} does not work again.',
    'Did you press the {colour} button?',
    'All {count} of them. Now it smells like {food}.',
    'Do not touch it. {name} comes at {time}.',
  ],
  [
    'Can we move the meeting to {day}? {name} is at the dentist.',
    '{day} is fine, but after {time}, please.',
    'After {time} it is. I will change {task} as well.',
  ],
  [
    'Who has taken {thing} from the store room?',
    'I have, for {event}. It is back on {day}.',
    'Write it into the book, please. {name} has looked for {thing} in {count} cupboards.',
  ],
  [
    'I have gone over {task} and found {count} mistakes, all of them mine.',
    'That is how I like it. Is the date right now?',
    'The date on {task} was the only thing that was right before.',
  ],
  [
    'Could you take my shift on {day}? I have {event} with the little one.',
    'If you take mine at {time} the day after.',
    'Deal, and you get {food} for it.',
  ],
  [
    'The new colleague starts on {day}. Name is {name}, knows all about {task}.',
    'Good, then {name} can explain {task} to the rest of us.',
    '+ Do we have a desk, or is it the one beside {fault}?',
    'The one beside {fault}. It gets the sun from {time} on.',
  ],
  [
    'I have left {task} on your desk, under {food}.',
    'I found both. One of them is finished.',
    'I hope that it is {task}.',
  ],
  [
    'The customer from {day} wants it in {colour} after all.',
    'After {count} samples? {name} had called it settled.',
    'Their words: the {colour} {clothes} of the boss is the right tone.',
    'Then ask for a photograph of the {clothes}.',
  ],
  [
    'Are you still here? The light beside {fault} is on.',
    'Until {time}. I want {task} off my desk.',
    'Go home. {task} will be there on {day} too.',
  ],
  [
    'Well done today! {name} said that {task} has never been so clear.',
    'Thank you! I was so nervous that I ate {food} before {time}.',
  ],
  [
    'There will be a whip-round for {name}, who leaves in {count} weeks.',
    'I am in. What do we get? {book}?',
    '{book}, and {food} on the last {day}.',
  ],
  [
    'I am ill, my {ache} and everything else. Can you look after {task}?',
    'Get well! I look after {task}, and {name} after the telephone.',
    'The password hangs nowhere, ask the boss. And thank you.',
  ],
  [
    'The van comes at {time} with {count} boxes. Who is at the ramp?',
    '{name} and I. We have moved {fault} out of the way.',
    'One of the boxes is for {event}, it has a {colour} label.',
  ],
  [
    'Does anybody understand {task}, page {count}?',
    'I wrote page {count}. I understood it on {day}.',
    'Then come at {time} and we will remember together.',
  ],
  [
    'I have put the pictures of {event} in the folder. You are in {count} of them.',
    'With my eyes open?',
    'In one. {name} has printed it and hung it beside {fault}.',
  ],
]
