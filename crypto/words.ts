/** 256 plain nouns, one a byte; no two share their first four letters. */
export const words: readonly string[] = `
  acorn album amber anchor apple apron arrow aspen atlas attic autumn bacon badge bagel bamboo banjo basil
  basket beach beard beetle bell bench bicycle birch biscuit blanket bonfire bottle bridge bronze brush bucket
  butter cabin cactus camel candle canyon carpet castle cedar cello chalk cherry chimney circus clover cobra
  coffee comet copper coral cotton cradle cricket crown crystal cupboard curtain cymbal dagger daisy dancer dawn
  desert diamond dinner dolphin donkey dragon drum dune eagle eclipse elbow elephant ember engine falcon feather
  fence fiddle finger flame flute forest fossil fountain fox garden garlic gecko geyser ginger glacier globe
  goblet gorilla granite grape guitar hammer harbor hazel helmet heron honey horse iceberg igloo iris island
  ivory jacket jaguar jelly jewel jigsaw jungle kayak kennel kettle kiosk kitten koala ladder lagoon lantern
  lava lemon leopard lighthouse lily lion lizard llama lobster locket lotus lynx magnet mango maple marble melon
  meteor mirror mitten monkey moose mosaic mountain museum nebula necklace needle nickel noodle nutmeg oak oasis
  ocean octopus olive onion opera orchid otter oyster paddle palace panda papaya parrot peach pebble pelican
  pencil pepper piano pigeon pillow pirate planet plum pocket pony potato prism pumpkin puzzle quail quartz
  quilt rabbit radish rainbow raven reef ribbon river robin rocket rose saddle salmon sandal sapphire saxophone
  seashell shadow shovel silver skate slipper snow socket sparrow spider sponge statue stone sugar sunset swan
  table teapot temple thistle thunder tiger toast tomato tractor trumpet tulip tunnel turtle umbrella urchin
  valley vanilla velvet violin volcano waffle walnut walrus whale willow window wizard yogurt zebra zipper
`
  .trim()
  .split(/\s+/)
