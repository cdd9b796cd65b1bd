/** Given names for people of the background, as far as a-z goes. */
export const givenNames: readonly string[] = (
  'ada agnes ahmed aiko alba alma amara amir ana anders andrei anil anja anton aron asha astrid aya ayo basil beata ' +
  'bela bente bilal birgit bo boris camille carla cem chidi chloe clara dagmar dana daniel daria david diego dilek ' +
  'dina dora eda edith eero elena elias elin ella elif emil emma enzo erik esra esther eva fadi farah felix femke ' +
  'fiona flora franz freya gael gina gloria goran greta gustav hadi hana hanna hassan hedda helga henrik hugo ibrahim ' +
  'ilse imani inga irene iris ivan jamal jana jasper jelena jens joana jonas josef julia kaan kamil karin kasper katya ' +
  'kemal kiran klara konrad lars laila lea leon leyla lia linus lola lorenz luca luisa lydia magda maja malik manon ' +
  'marco maria marta mateo maya mehmet merle mila mina mona nabil nadja naomi nils nina noah nora odile olga omar orla ' +
  'oskar otto paula petra pia rafael rana raul rita robin ruben ruth salma samir sara selma sergei sina sofia sonja ' +
  'stefan sven tadeo tamara tariq tilda timo toma udo ulla uma vera vito walid wanda xenia yara yasmin zaid zora'
).split(' ')
