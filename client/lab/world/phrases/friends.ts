/** Exchanges between friends. The two speak in turn; behind `+ ` the same one goes on. */
export const friends: readonly (readonly string[])[] = [
  ['Are you coming to {event} on {day}?', 'Yes! I will bring {food}.', 'Then I make {food2}, and we share.'],
  [
    'I have finished {book}. May I give it to you on {day}?',
    'Please do. {name} has been asking me for it for {count} weeks.',
    'Then {name} gets it after you, and after that I want it back.',
  ],
  [
    'You left your {colour} {clothes} at {place}.',
    'Oh no, again? Could you keep it until {day}?',
    'It is on my chair. {pet} has moved in already.',
  ],
  [
    'Film on {day}? It starts at {time}.',
    'Only if nobody dies and there is {food}.',
    'Nobody dies. I have asked {name}.',
    'Then {place}, a bit before {time}.',
  ],
  [
    'I saw {name} at {place} today, with a {colour} bicycle and a beard!',
    'A beard? Are you sure that it was {name}?',
    'Quite sure. We had {food} together and talked about {event}.',
  ],
  [
    'Can you lend me {thing} until {day}?',
    'Of course. Pick it up at {time}, I am at home.',
    'You are the best. I bring you {food} in return.',
    '+ And I will not leave {thing} at {place} this time, I promise.',
  ],
  [
    'Happy birthday!! There is {food} with a candle in it for you at my place 🎂',
    'Thank you! We are having {food2} in the park on {day}, at {time}. You must come.',
    'I will be there, with {name} and a present that is {colour}.',
  ],
  [
    'I got the job!!! I start on {day}.',
    'I knew it! I told {name} so at {event}!',
    'I am so happy that I bought a {colour} {clothes}.',
    'Wear it on {day}, for luck.',
  ],
  [
    'Do you still have {count} chairs that I could borrow for {event}?',
    'I have {count2}, and one of them wobbles.',
    '{name} can sit on that one.',
  ],
  [
    'My {ache} hurts from yesterday. Who had the idea of {event}?',
    'You had. You said that it would be good for your {ache}.',
    'I also said that I can make {food}. One should not believe everything I say.',
  ],
  [
    'We are {count} for dinner on {day}, and {name} does not eat onions.',
    'Then I make {food}. No onions, and no raisins for me.',
    'Perfect. Come at {time}, bring {thing}.',
  ],
  [
    'How was {event}?',
    'Long! But {name} sang, and there was {food} at the end.',
    'I am sorry that I missed {name}. Less sorry about the length.',
  ],
  [
    'Guess who has adopted {pet}.',
    'You have not!',
    'It is asleep in my {colour} {clothes} as I write. Its name is {name}.',
    'I am coming over at {time}, with {food} for everybody.',
  ],
  [
    'I am stuck at {place}, no tram is coming. Can we meet at {time} instead?',
    'No hurry. I am sitting beside {name} and {food}.',
  ],
  [
    'Truth, please: do I look good in {colour}?',
    'You look good in {colour}. You look better in your {colour2} {clothes}.',
    'That is what {name} said as well. I hate you both a little.',
  ],
  [
    'I cannot sleep. I am reading {book} for the second time.',
    'I am awake too, {pet} wanted {food}. What is it?',
    'It is only {day}. I will be fine when {day} is over.',
    'Ring me at {time} and tell me how it was.',
  ],
  [
    'We need one more for {event} on {day}. Can you play anything?',
    'The triangle. And {thing}, if that counts.',
    'It counts. {name} plays the comb.',
  ],
  [
    'Back from the holidays! I have learned to make {food}, and it is {weather} at home too.',
    'Welcome home! Your {plant} are alive, and {pet} has missed you.',
    'You have watered the {plant} all the time? I owe you {food2}.',
  ],
]
