import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/kernel/schema.ts'
import { generateReply } from '../../../../src/model/call/generate.ts'
import { extractiveModel } from '../../../../src/model/offline/provider.ts'
import type { JsonSchema } from '../../../../src/model/prompt/task.ts'

const TEXT = `The tide tables were updated in March. The port of Aalborg is open. Three ships, two tugs and a ferry lie in it.
The night crossing was cancelled because of fog. The new lighthouse does not work yet.
The inspection failed twice. Tickets cost 12 euros; a crossing takes 45 minutes.`
const LIST = '- ropes\n- lamps\n- charts\n'
const SCORES = 'quality: 85\nspeed: 40\nrisk: 7'

/** What the offline model says to a question of that shape, about these texts; undefined: it refuses. */
async function tell(schema: JsonSchema, question: string, texts: { readonly [name: string]: string } = {}) {
  const reply = await generateReply(
    'offline/extractive',
    extractiveModel(),
    {
      task: { kind: 'fill', question },
      instruction: question,
      documents: Object.entries(texts).map(([name, text]) => ({ name, text })),
      schema: { type: 'object', properties: { answer: schema }, required: ['answer'], additionalProperties: false },
    },
    { signal: new AbortController().signal },
  )
  return (reply.object as { readonly answer: Json } | undefined)?.answer
}

type Case = readonly [question: string, texts: { readonly [name: string]: string }, answer: Json | undefined]

const text = { text: TEXT }
const of = (value: string) => ({ value })

describe('yes or no', () => {
  it.each<Case>([
    // numbers
    ['is 5 greater than 3', {}, true],
    ['Is 3 greater than 5?', {}, false],
    ['Is 5 not greater than 3?', {}, false],
    ['Is [document "value"] at least 80?', of('85'), true],
    ['Is [document "value"] at least 80?', of('79.5'), false],
    ['[document "value"] <= 10', of('10'), true],
    ['Is 1,200 more than 999?', {}, true],
    ['Is 7 between 5 and 10?', {}, true],
    ['Is the quality above 80?', { scores: SCORES }, true],
    ['Is the speed above 80?', { scores: SCORES }, false],
    ['Is the depth above 80?', { scores: SCORES }, undefined],
    ['Is 5 greater than 3 and is 2 greater than 3?', {}, false],
    ['Is 5 greater than 3 or is 2 greater than 3?', {}, true],
    // what there is of a text
    ['Does [document "text"] have more than 10 words?', text, true],
    ['Is it longer than 1000 words?', text, false],
    ['Does [document "value"] have at least 3 items?', of(LIST), true],
    ['Does [document "value"] have at least 3 items?', of('["a", "b"]'), false],
    ['Is [document "value"] empty?', of('[]'), true],
    ['Is  empty?', {}, true],
    ['Is [document "text"] empty?', text, false],
    ['Is [document "text"] not empty?', text, true],
    // what it mentions
    ['Does the text mention fog?', text, true],
    ['Does the text mention snow?', text, false],
    ['Does the text not mention snow?', text, true],
    ['Does [document "text"] contain "port of Aalborg"?', text, true],
    ['Does [document "text"] contain "port of Hamburg"?', text, false],
    ['Does [document "text"] mention [document "value"]?', { ...text, value: 'lighthouses' }, true],
    ['Does it mention snow or fog?', text, true],
    ['Does [document "text"] contain no errors?', text, true],
    ['Does "red and blue" include blue?', {}, true],
    // what is the same
    ['Is [document "value"] equal to \'high\'?', of('high'), true],
    ['Is [document "value"] equal to \'high\'?', of('low'), false],
    ['[document "value"]', of('true'), true],
    ['Is [document "value"] true?', of('false'), false],
    // what a passage says
    ['Were the tide tables updated, by [document "text"]?', text, true],
    ['Is the port open?', text, true],
    ['Is the port closed?', text, false],
    ['Did the inspection succeed?', text, false],
    ['Does the new lighthouse work?', text, false],
    ['Was the night crossing cancelled?', text, true],
    ['Did the build succeed?', of('The build failed twice. 3 tests are red.'), false],
    // what nobody can tell by it
    ['Were the tide tables printed?', text, undefined],
    ['Is the captain married?', text, undefined],
    ['Is it a good idea?', {}, undefined],
  ])('%s', async (question, texts, answer) => {
    expect(await tell({ type: 'boolean' }, question, texts)).toBe(answer)
  })
})

describe('a number', () => {
  const integer = { type: 'integer', minimum: 1, maximum: 100 }
  it.each<Case>([
    ['How many minutes does a crossing take?', text, 45],
    ['How many euros does a ticket cost?', text, 12],
    ['What is the risk?', { scores: SCORES }, 7],
    ['How many items are in [document "value"]?', of(LIST), 3],
    ['How many sources are there?', of('["a", "b", "c", "d"]'), 4],
    ['How many words does it have?', of('one two three'), 3],
    ['How many words should a summary of it have?', text, undefined],
    ['Use 20 of them', {}, 20],
    ['Between 10 and 20', {}, undefined],
    ['How many sailors are there?', { scores: 'cooks: 3\npilots: 5' }, undefined],
    ['What is the depth?', of('It is 4000 m deep.'), undefined],
  ])('%s', async (question, texts, answer) => {
    expect(await tell(integer, question, texts)).toBe(answer)
  })
})

describe('a choice', () => {
  const names = { enum: ['improve', 'publish', 'stop-it'] }
  it.each<Case>([
    ['Go to publish', {}, 'publish'],
    ['If [document "value"] is above 80 go to publish, otherwise improve', of('85'), 'publish'],
    ['If [document "value"] is above 80 go to publish, otherwise improve', of('8'), 'improve'],
    ['publish if the text mentions fog, else stop-it', text, 'publish'],
    ['If the inspection succeeded: publish; otherwise: improve', text, 'improve'],
    [
      'If the build succeeded in [document "value"] go to publish, otherwise improve',
      of('The build failed twice. 3 tests are red.'),
      'improve',
    ],
    ['If the captain is married then publish, else improve', text, undefined],
    ['publish or improve?', {}, undefined],
  ])('%s', async (question, texts, answer) => {
    expect(await tell(names, question, texts)).toBe(answer)
  })

  it.each<Case>([
    ['It needs improve and publish', {}, ['improve', 'publish']],
    ['all of them', {}, ['improve', 'publish', 'stop-it']],
    ['none', {}, []],
    ['What it needs', {}, undefined],
  ])('or some: %s', async (question, texts, answer) => {
    expect(await tell({ type: 'array', items: names }, question, texts)).toEqual(answer)
  })
})

describe('a list', () => {
  it.each<Case>([
    ['The list of sources', of('["a", {"b": 1}]'), ['a', { b: 1 }]],
    ['The sources', of('{"total": 2, "sources": ["a", "b"]}'), ['a', 'b']],
    [
      'The colours of the flag',
      of('It is old. The colours are red, white and blue. It flies.'),
      ['red', 'white', 'blue'],
    ],
    ['What it serves', of('It serves ferries, tugs and yachts; 30 berths are free.'), ['ferries', 'tugs', 'yachts']],
    ['What it has', of('It was built in May, and it is old.'), undefined],
    ['the colours are: red, white, blue', {}, ['red', 'white', 'blue']],
    ['What is to be packed', of(LIST), ['ropes', 'lamps', 'charts']],
  ])('%s', async (question, texts, answer) => {
    expect(await tell({ type: 'array' }, question, texts)).toEqual(answer)
  })
})
