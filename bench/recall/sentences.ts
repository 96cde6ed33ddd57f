/** What is remembered of a person, asked for with the same words and with others. `{p}` is the person, `{v}` the value. */
export const NOTES: readonly {
  readonly text: string
  readonly shared: string
  readonly other: string
  readonly values: readonly string[]
}[] = [
  {
    text: '{p} keeps the spare key {v}.',
    shared: 'Where does {p} keep the spare key?',
    other: 'How can I get into the flat of {p} when nobody is at home?',
    values: ['under the blue pot', 'behind the water meter', 'in the letter box', 'at the bakery downstairs'],
  },
  {
    text: 'The doctor of {p} moved the appointment to {v}.',
    shared: 'When is the appointment of {p} with the doctor?',
    other: 'On which day does the physician see {p}?',
    values: ['Tuesday morning', 'the third of May', 'Friday at noon', 'the week after Easter'],
  },
  {
    text: '{p} is allergic to {v}.',
    shared: 'What is {p} allergic to?',
    other: 'Which food would make {p} ill?',
    values: ['hazelnuts', 'shellfish', 'celery', 'cow milk', 'sesame'],
  },
  {
    text: 'The car of {p} needs {v} before winter.',
    shared: 'What does the car of {p} need before winter?',
    other: 'Which repair does the vehicle of {p} still require?',
    values: ['new brake pads', 'a stronger battery', 'four tyres', 'an oil change'],
  },
  {
    text: '{p} plays the {v} in the village orchestra.',
    shared: 'What does {p} play in the village orchestra?',
    other: 'Which instrument is {p} good at?',
    values: ['oboe', 'viola', 'trombone', 'double bass', 'flute'],
  },
  {
    text: 'For the wedding anniversary {p} wishes for {v}.',
    shared: 'What does {p} wish for at the wedding anniversary?',
    other: 'Which present would please {p} on the day of their marriage?',
    values: ['a garden bench', 'a trip to Porto', 'a sewing machine', 'a telescope'],
  },
  {
    text: 'The invoice of {p} was paid with {v}.',
    shared: 'How was the invoice of {p} paid?',
    other: 'In what way did {p} settle the bill?',
    values: ['a bank transfer', 'cash', 'a gift card', 'two cheques'],
  },
  {
    text: '{p} grows {v} on the balcony.',
    shared: 'What does {p} grow on the balcony?',
    other: 'Which plants does {p} have outside the window?',
    values: ['tomatoes', 'lavender', 'chillies', 'strawberries', 'mint'],
  },
  {
    text: 'The dog of {p} is afraid of {v}.',
    shared: 'What is the dog of {p} afraid of?',
    other: 'What scares the pet of {p}?',
    values: ['thunder', 'umbrellas', 'the vacuum cleaner', 'bicycles'],
  },
  {
    text: '{p} learned to cook {v} from a neighbour.',
    shared: 'What did {p} learn to cook from a neighbour?',
    other: 'Which dish can {p} prepare thanks to the people next door?',
    values: ['lentil soup', 'paella', 'dumplings', 'plum cake'],
  },
]

/** Facts about a person that change. */
export const FACTS: readonly {
  readonly subject: string
  readonly text: string
  readonly shared: string
  readonly values: readonly string[]
}[] = [
  {
    subject: 'home of {p}',
    text: '{p} lives in {v}.',
    shared: 'Where does {p} live?',
    values: ['Berlin', 'Oslo', 'Porto', 'Graz', 'Turku', 'Leeds'],
  },
  {
    subject: 'employer of {p}',
    text: '{p} works for {v}.',
    shared: 'Whom does {p} work for?',
    values: ['the harbour office', 'a seed bank', 'the tram company', 'a violin maker', 'the county archive'],
  },
  {
    subject: 'phone of {p}',
    text: 'The phone number of {p} is {v}.',
    shared: 'What is the phone number of {p}?',
    values: ['555 0101', '555 0134', '555 0177', '555 0192', '555 0146'],
  },
]

/** Sentences about nothing that is asked. */
export const FILLER: readonly string[] = [
  'The {a} near the {b} was painted again.',
  'A {a} is cheaper than a {b} this year.',
  'Somebody left a {a} in the {b}.',
  'The museum shows a {a} and an old {b}.',
  'Rain ran from the {a} into the {b}.',
]
export const THINGS: readonly string[] =
  'bridge kettle ladder fountain barrel carpet lantern piano bakery tunnel mirror basket engine statue curtain tower'.split(
    ' ',
  )
export const FIRST: readonly string[] =
  'Ada Bela Carla Dario Edda Fritz Greta Hugo Ines Jonas Karla Lars Mira Nils Olga Piet Rosa Sven Tilda Uwe'.split(' ')
export const LAST: readonly string[] =
  'Abel Brandt Castro Duval Ekberg Fischer Grano Holm Iversen Jansen Kowal Lindt Moreau Novak Ortega Petit'.split(' ')
