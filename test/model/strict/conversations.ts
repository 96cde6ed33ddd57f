import type { Conversation, Person } from './person.ts'

const pay = (to: string) => ['pay', { to: `@.${to}` }] as const
const sell = (to: string) => ['sell', { to: `@.${to}` }] as const
const wait = (to: string) => ['wait', { to: `@.${to}` }] as const
const look = (at: string) => ['look', { at }] as const

const once = (person: Person) => person.say('Go.')
const steering = async (person: Person, ...texts: readonly string[]) => {
  await person.post('Go.')
  await person.began()
  for (const text of texts) await person.post(text)
  person.release()
}

/** Conversations, and what each is about. */
export const CONVERSATIONS: { readonly [what: string]: Conversation } = {
  'an answer': { script: [{ text: 'Well.' }], play: once },
  'several messages': {
    script: [{ text: 'One.' }, { text: 'Two.' }, { text: 'Three.' }],
    play: async (person) => {
      for (const text of ['First.', 'Second.', 'Third.']) await person.say(text)
    },
  },
  'one call': { script: [{ calls: [pay('a')] }, { text: 'Paid.' }], play: once, made: ['a'] },
  'a text before a call': {
    script: [{ text: 'I pay now.', calls: [pay('a')] }, { text: 'Paid.' }],
    play: once,
    made: ['a'],
  },
  'calls in a row': {
    script: [{ calls: [pay('a')] }, { calls: [look('b')] }, { calls: [pay('c')] }, { text: 'Done.' }],
    play: once,
    made: ['a', 'c'],
  },
  'parallel calls': {
    script: [{ calls: [pay('a'), look('b'), pay('c')] }, { text: 'Done.' }],
    play: once,
    made: ['a', 'c'],
  },
  'parallel calls of one tool with equal parameters': {
    script: [{ calls: [look('b'), look('b')] }, { text: 'Done.' }],
    play: once,
  },
  'calls in two messages': {
    script: [{ calls: [pay('a')] }, { text: 'One.' }, { calls: [pay('b')] }, { text: 'Two.' }],
    play: async (person) => {
      await person.say('First.')
      await person.say('Second.')
    },
    made: ['a', 'b'],
  },
  'odd parameters': {
    script: [{ calls: [['any', { 'a b': [1, { ü: '☃ "quoted"\n' }], none: null }]] }, { text: 'Done.' }],
    play: once,
  },
  'no parameters': { script: [{ calls: [['any', {}]] }, { text: 'Done.' }], play: once },
  thoughts: { script: [{ think: 'Hm, well.', text: 'Well.' }], play: once },
  'thoughts, then a call': {
    script: [
      { think: 'I pay.', calls: [pay('a')] },
      { think: 'Now it is paid.', text: 'Paid.' },
    ],
    play: once,
    made: ['a'],
  },
  'thoughts and a text before parallel calls': {
    script: [{ think: 'Both.', text: 'Both at once.', calls: [look('a'), pay('b')] }, { text: 'Done.' }],
    play: once,
    made: ['b'],
  },
  'thoughts in some rounds only': {
    script: [
      { think: 'First a.', calls: [pay('a')] },
      { calls: [look('b')] },
      { think: 'Then c.', calls: [pay('c')] },
      { text: 'Done.' },
    ],
    play: once,
    made: ['a', 'c'],
  },
  'thoughts in an earlier message': {
    script: [
      { think: 'Hm.', calls: [pay('a')] },
      { think: 'Ah.', text: 'One.' },
      { think: 'Oh.', text: 'Two.' },
    ],
    play: async (person) => {
      await person.say('First.')
      await person.say('Second.')
    },
    made: ['a'],
  },
  'a tool that fails': { script: [{ calls: [['fail', {}]] }, { text: 'It failed.' }], play: once },
  'an empty result': { script: [{ calls: [['empty', {}]] }, { text: 'Nothing.' }], play: once },
  'a tool that does not exist': {
    script: [{ calls: [['lock', {}]] }, { text: 'There is none.' }],
    play: once,
    isLoose: true,
  },
  'wrong parameters': {
    script: [{ calls: [['pay', { whom: 'a' }]] }, { calls: [pay('a')] }, { text: 'Paid.' }],
    play: once,
    made: ['a'],
  },
  'an approval': {
    script: [{ think: 'I sell.', calls: [sell('a')] }, { text: 'Sold.' }],
    play: async (person) => {
      await person.post('Go.')
      await person.answer('approve')
    },
    made: ['a'],
  },
  'a rejection': {
    script: [{ calls: [sell('a'), pay('b')] }, { text: 'Not sold.' }],
    play: async (person) => {
      await person.post('Go.')
      await person.answer('reject')
    },
    made: ['b'],
  },
  'a message while a call waits for a person': {
    script: [{ calls: [sell('a')] }, { text: 'It waits.' }, { text: 'Sold.' }],
    play: async (person) => {
      await person.post('Go.')
      await person.asked(1)
      await person.say('And hurry.')
      await person.answer('approve')
      await person.asked(3)
    },
    made: ['a'],
  },
  'a message while a call runs': {
    script: [{ think: 'I wait.', calls: [wait('a')] }, { text: 'Both.' }],
    play: (person) => steering(person, 'And the crane?'),
    made: ['a'],
  },
  'two messages while calls run': {
    script: [{ calls: [wait('a'), look('b')] }, { calls: [pay('c')] }, { text: 'All.' }],
    play: (person) => steering(person, 'And the crane?', 'And the pier?'),
    made: ['a', 'c'],
  },
  'a message while the model answers': {
    script: [{ text: 'One.', isHeld: true }, { text: 'Two.' }],
    play: async (person) => {
      await person.post('Go.')
      await person.asked(1)
      await person.post('And the crane?', { onBusy: 'queue' })
      person.release()
    },
  },
  'a stop while a call runs': {
    script: [{ calls: [wait('a'), look('b')] }, { text: 'It may have been made.' }],
    play: async (person) => {
      await person.post('Go.')
      await person.began()
      await person.stop()
      await person.say('What happened?')
      person.release()
    },
    made: ['a'],
  },
  'a stop while the model answers': {
    script: [{ text: 'One.', isHeld: true }, { text: 'Two.' }],
    play: async (person) => {
      await person.post('Go.')
      await person.asked(1)
      await person.stop()
      person.release()
      await person.say('Again.')
    },
    isLoose: true,
  },
  'an interruption': {
    script: [{ calls: [wait('a')] }, { text: 'Both.' }],
    play: async (person) => {
      await person.post('Go.')
      await person.began()
      await person.say('No, wait.', { onBusy: 'interrupt' })
      person.release()
    },
    made: ['a'],
  },
  'a reply that is cut': {
    script: [{ text: 'One, ', isCut: true }, { text: 'two.' }, { text: 'Three.' }],
    play: async (person) => {
      await person.say('Count.')
      await person.say('On.')
    },
    isLoose: true,
  },
  'results that are shortened': {
    script: [...Array.from({ length: 8 }, (_, at) => ({ calls: [['big', { at }]] as const })), { text: 'Read.' }],
    play: once,
    isLoose: true,
  },
  'a change of the model': {
    script: [
      { think: 'Hm.', calls: [pay('a')] },
      { text: 'One.' },
      { think: 'Oh.', calls: [pay('b')] },
      { text: 'Two.' },
    ],
    play: async (person) => {
      await person.say('First.')
      person.change('anthropic')
      await person.say('Second.')
    },
    made: ['a', 'b'],
  },
  'a change of the model and back': {
    script: [
      { think: 'Hm.', calls: [pay('a'), look('b')] },
      { think: 'Ah.', text: 'One.' },
      { think: 'Oh.', calls: [pay('c')] },
      { text: 'Two.' },
      { calls: [pay('d')] },
      { text: 'Three.' },
    ],
    play: async (person) => {
      person.change('google')
      await person.say('First.')
      person.change('own')
      await person.say('Second.')
      person.change('responses')
      await person.say('Third.')
    },
    made: ['a', 'c', 'd'],
  },
  'another model of the list in the middle': {
    script: [{ think: 'Hm.', calls: [pay('a'), look('b')] }, { status: 401 }, { calls: [pay('c')] }, { text: 'Paid.' }],
    play: async (person) => {
      person.change('own', 'google', 'anthropic')
      await person.say('Go.')
    },
    made: ['a', 'c'],
    isLoose: true,
  },
  'an error between calls': {
    script: [{ think: 'Hm.', calls: [pay('a')] }, { status: 503 }, { text: 'Paid.' }],
    play: once,
    made: ['a'],
  },
  'a reply that breaks off': {
    script: [{ calls: [pay('a')] }, { text: 'It is paid.', isBroken: true }, { text: 'Paid.' }],
    play: once,
    made: ['a'],
  },
  'a typed answer that is wrong at first': {
    script: [
      { think: 'Hm.', calls: [['final_answer', { sum: 'two' }]] },
      { calls: [['final_answer', { sum: 2 }]] },
      { calls: [pay('a')] },
      { calls: [['final_answer', { sum: 3 }]] },
    ],
    play: async (person) => {
      await person.say('Count.')
      await person.say('Again.')
    },
    agent: {
      output: {
        type: 'object',
        properties: { sum: { type: 'integer' } },
        required: ['sum'],
        additionalProperties: false,
      },
    },
    made: ['a'],
    isLoose: true,
  },
  'the state of an environment in each round': {
    script: [{ calls: [pay('a')] }, { think: 'Hm.', calls: [look('b')] }, { text: 'Done.' }],
    play: once,
    agent: { environment: 'shop' },
    made: ['a'],
  },
  'another process': {
    script: [
      { think: 'Hm.', calls: [pay('a')] },
      { think: 'Ah.', text: 'One.' },
      { calls: [pay('b')] },
      { text: 'Two.' },
    ],
    play: (person) => person.say('First.'),
    later: (person) => person.say('Second.'),
    made: ['a', 'b'],
  },
  'an approval in another process': {
    script: [{ think: 'I sell.', calls: [sell('a'), pay('b')] }, { text: 'Sold.' }],
    play: async (person) => {
      await person.post('Go.')
      await person.asked(1)
    },
    later: (person) => person.answer('approve'),
    made: ['a', 'b'],
  },
}
