/** Exchanges between neighbours. The two speak in turn; behind `+ ` the same one goes on. */
export const neighbours: readonly (readonly string[])[] = [
  [
    'Good evening, a parcel for you is with us. It is large and {colour}.',
    'Thank you! Those must be the seeds for {plant}. May I fetch it at {time}?',
    'Any time. Mind {pet}, it lies on the stairs.',
  ],
  [
    'May I borrow {thing} on {day}? Mine is with {name}.',
    'Gladly. It stands in the hall beside the {plant}.',
    'I will bring {thing} back by {time}, and some {plant} with it.',
  ],
  [
    'Was that {pet} on the roof this morning?',
    'It was. {name} got it down again with {food}.',
    'We all watched. {count} people clapped.',
  ],
  [
    'The stairs have been cleaned, and there is a {colour} {clothes} on the banister that is nobody’s.',
    'It belongs to {name} from the second floor, I think.',
    '{name} says no, but would take the {clothes}.',
  ],
  [
    'We are having guests on {day}. If it is too loud, please knock!',
    'Have a lovely evening. We are at {event} until {time} anyway.',
    'Then we are loud until {time} and quiet after it.',
  ],
  [
    'Would you feed {pet} from {day} on? We are away for {count} days.',
    'With pleasure. What does it eat these days?',
    'Anything but {food}. The key is where the {plant} used to be.',
  ],
  [
    'There is water in the cellar, {count} buckets of it.',
    'Oh no. I come down with {thing}.',
    '{name} is here already. It was only the tap, and {event} is saved.',
  ],
  [
    'Our {plant} have grown over the fence. Please take as much as you like.',
    'How kind! I make {food} of it, and you get half.',
    'Last time half was {count} jars.',
  ],
  [
    'Is the hot water off at your place too?',
    'Since {time}. The notice hangs beside the lift, in {colour}.',
    'I have read the {colour} notice now. It says {day}, but not which one.',
  ],
  [
    'Somebody has put {thing} in front of my bicycle.',
    'That was {name}, who is moving out on {day}. I tell {name} at once.',
    'No harm done. I helped to carry {thing} to {place}.',
  ],
  [
    'We collect for a bench by {place}. Would you give something?',
    'Of course, and I can paint it. In {colour}?',
    'In {colour}! {name} will be pleased, and {pet} can lie under it.',
  ],
  [
    'Your bicycle light is still on.',
    'Thank you, I would have looked for it until {day}. I was carrying {food} with both hands.',
  ],
  [
    'The heating hums a song since {day}. Do you hear it as well?',
    'We hear it at {time}, every day. {name} says that it is in D minor.',
    '{name} should tell that to the caretaker, and take {food} along.',
  ],
  [
    'Who has the key for the yard this week?',
    'I have. It hangs behind {thing}.',
    'I need it on {day} for the chairs from {event}.',
  ],
  [
    'There are {count} eggs on your mat, from the hens. Do not step on them.',
    'We saw them in time! {food} it is, then.',
    'My hens are honoured. {pet} has been told to stay away.',
  ],
  [
    'It began to rain at {time}, and your washing was on the line. I have taken in the {colour} {clothes}, the rest is lost.',
    'You are a hero. Please keep the {clothes} until {day}.',
  ],
]
