/** Exchanges in families. The two speak in turn; behind `+ ` the same one goes on. */
export const family: readonly (readonly string[])[] = [
  [
    'Are you coming for lunch on {day}? I am making {food}.',
    'Yes, and {name} comes along, if that is all right.',
    'There is always enough. {name} can sit beside Grandpa.',
  ],
  [
    'Did you arrive safely?',
    'Yes, with {count} minutes to spare. It is {weather} here.',
    'Put on your {clothes}, the {colour} one.',
    'I am wearing the {colour} {clothes} already.',
  ],
  [
    'Where is {thing}? I have looked in the cellar.',
    'You lent it to {name}, before {event}.',
    'Then {name} has had it since {event}. I shall go round on {day}.',
  ],
  [
    'The doctor says that my {ache} is only tired, like the rest of me.',
    'That is good news! And what are you to do about it?',
    'Less {event}, more lying down. {pet} is delighted.',
  ],
  [
    'Can you pick up {name} from {place} at {time}?',
    'I can. Does {name} have the {colour} bag?',
    'And {thing}. Do not ask why.',
  ],
  [
    'Grandma has asked for {book} again. Do you have it?',
    'It is here, under {thing}. I bring it on {day}.',
    '+ And tell her that I liked it more than {name} did.',
  ],
  [
    'The little one has lost a tooth and found {count} buttons under the sofa.',
    'Tell her that the tooth is worth {food}, and a button nothing.',
    'She says {count} buttons must be worth a trip to {place}.',
  ],
  [
    '{pet} has eaten {food}. The whole of it.',
    'Again? I told you to put it on the shelf with {thing}.',
    'It was on the shelf. I do not know how, but {thing} is on the floor as well.',
  ],
  [
    'What would Papa like for his birthday? I thought of a {colour} {clothes}.',
    'He has {count} of those. What about {book}?',
    'Then I take {book}, and {name} bakes him {food}.',
  ],
  [
    'I have passed the exam!!!',
    'We are so proud. Your father has told everybody at {place}.',
    'He does not know anybody at {place}!',
    'He does now. He was there until {time}.',
  ],
  [
    'I am late, {event} takes longer. Please start without me.',
    'We kept you some {food}. It stands beside {thing}.',
    'You are angels. I should be there by {time}.',
  ],
  [
    'Your brother wants to paint his room {colour}.',
    'All of it? He said {colour2} on {day}!',
    'He has asked {name} for advice, and now it has to be {colour}.',
  ],
  [
    'Remember to water the {plant} while we are away, please.',
    'Every second day, I know. And {pet} gets its food at {time}.',
    'And talk to the {plant} a bit. You may laugh, but it helps.',
  ],
  [
    'Grandpa has sung at {event}. Three verses.',
    'Did anybody film it? {name} will never believe me.',
    'He says that for {food} he does it again on {day}.',
  ],
  [
    'There is a storm coming, they say at about {time}. Are the windows shut at your place?',
    'All but the one with the {plant}. I go home before {time} and see to it.',
  ],
  [
    'Do you remember how we make {food}? I have forgotten what comes after the butter.',
    'Patience comes after the butter. Then {count} eggs, one by one.',
    '{count} eggs!\nNow I understand what was wrong on {day}.',
  ],
  [
    'Please write to Aunt {name}, she has knitted you a {colour} {clothes}.',
    'I have thanked her already, and sent a picture with {pet} in it.',
    'She has shown the picture of {pet} to everybody at {place}.',
  ],
  [
    'Shall we all go to {place} on {day}, as we used to?',
    'With {thing} and {food}, and {name} being sick in the car?',
    'Exactly so. We leave at {time}.',
  ],
]
