import { describe, expect, it } from 'vitest'
import { fillSchema } from '../../../../src/model/offline/fill/fill.ts'
import { indexDocuments } from '../../../../src/model/offline/reading/reading.ts'
import type { JsonSchema, ModelTask } from '../../../../src/model/prompt/task.ts'
import { createObjectCheck } from '../../../../src/model/structured-output/check-object.ts'
import { threadTime } from '../../../thread-time.ts'

const PACKAGE = `# swift-queue

A small job queue for busy servers. It keeps jobs in memory and retries what failed.

- Version: 2.4.1
- Author: Maria Olsen
- License: MIT
- Stable: yes
- Keywords: queue, jobs, retry

Released on 2024-03-05. The package has 1,200 users. It does not need a database.
Questions go to help@example.org, news is at https://example.org/news.
`

async function fill(schema: JsonSchema, text = PACKAGE, task: ModelTask = { kind: 'fill' }) {
  const finding = await fillSchema(schema, task, indexDocuments([{ name: 'readme.md', text }], {}))
  return { ...finding, value: finding.refused === undefined ? JSON.parse(finding.text) : undefined }
}
const object = (properties: JsonSchema, required: string[] = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  required,
})

describe('a property is found', () => {
  it.each<[string, JsonSchema, unknown]>([
    ['version', { type: 'string' }, '2.4.1'],
    ['author', { type: 'string' }, 'Maria Olsen'],
    ['license', { enum: ['Apache-2.0', 'MIT', 'GPL-3.0'] }, 'MIT'],
    ['stable', { type: 'boolean' }, true],
    ['keywords', { type: 'array', items: { type: 'string' } }, ['queue', 'jobs', 'retry']],
    ['releaseDate', { type: 'string', format: 'date' }, '2024-03-05'],
    ['users', { type: 'integer' }, 1200],
    ['contact', { type: 'string', format: 'email' }, 'help@example.org'],
    ['newsUrl', { type: 'string' }, 'https://example.org/news'],
    ['needsDatabase', { type: 'boolean', description: 'whether the package needs a database' }, false],
    ['summary', { type: 'string', description: 'one sentence' }, 'A small job queue for busy servers.'],
    [
      'retries',
      { type: 'string', description: 'what happens to failed jobs' },
      'It keeps jobs in memory and retries what failed.',
    ],
    [
      'links',
      { type: 'array', items: { type: 'string', format: 'uri' }, description: 'all links' },
      ['https://example.org/news'],
    ],
  ])('%s', async (name, schema, expected) => {
    const { value, confidence } = await fill(object({ [name]: schema }))
    expect(value).toEqual({ [name]: expected })
    expect(confidence).toBeGreaterThan(0)
    expect(confidence).toBeLessThanOrEqual(0.7)
  })

  it('and quoted from where it stands', async () => {
    const { quotes } = await fill(object({ version: { type: 'string' }, contact: { type: 'string', format: 'email' } }))
    expect(quotes.map(({ start, end }) => PACKAGE.slice(start, end))).toEqual(['2.4.1', 'help@example.org'])
  })
})

describe('values that are not found', () => {
  const phone = { type: 'string', description: 'telephone number of the concierge' }
  const version = { type: 'string' }

  it('is null where the schema allows it', async () => {
    const { value } = await fill(object({ version, concierge: { anyOf: [phone, { type: 'null' }] } }))
    expect(value).toEqual({ version: '2.4.1', concierge: null })
  })

  it('is left out where it is optional', async () => {
    expect((await fill(object({ version, concierge: phone }, ['version']))).value).toEqual({ version: '2.4.1' })
  })

  it('is empty where it is required, and makes the whole less sure', async () => {
    const sure = await fill(object({ version }))
    const unsure = await fill(object({ version, concierge: phone }))
    expect(unsure.value).toEqual({ version: '2.4.1', concierge: '' })
    expect(unsure.confidence).toBeLessThan(sure.confidence)
  })

  it('is refused when it is everything', async () => {
    expect(await fill(object({ concierge: phone }))).toMatchObject({
      refused: expect.stringContaining('nothing'),
      confidence: 0,
    })
  })
})

describe('shapes', () => {
  it('a record for each list item', async () => {
    const schema = { type: 'array', items: object({ point: { type: 'string' } }) }
    const text = '- Fast to start.\n- Small on disk.\n'
    expect((await fill(object({ points: schema }), text)).value).toEqual({
      points: [{ point: 'Fast to start.' }, { point: 'Small on disk.' }],
    })
  })

  it('objects within objects and local references', async () => {
    const schema = {
      ...object({ about: { $ref: '#/$defs/about' } }),
      $defs: { about: object({ version: { type: 'string' } }) },
    }
    expect((await fill(schema)).value).toEqual({ about: { version: '2.4.1' } })
  })

  it('a reference to itself ends', async () => {
    const schema = { ...object({ next: { $ref: '#' }, version: { type: 'string' } }) }
    expect((await fill(schema)).value).toHaveProperty('next.next.version', '2.4.1')
  })

  it('an answer takes the question of the task, and confidence is never searched for', async () => {
    const schema = object({ answer: { type: 'string' }, confidence: { type: 'number', minimum: 0, maximum: 1 } })
    const { value, confidence } = await fill(schema, PACKAGE, { kind: 'answer', question: 'How many users are there?' })
    expect(value).toEqual({ answer: expect.stringContaining('1,200 users'), confidence })
  })

  it('a text within its lengths', async () => {
    expect((await fill(object({ summary: { type: 'string', maxLength: 11 } }))).value).toEqual({
      summary: 'A small job',
    })
  })

  it('always fits the schema', async () => {
    const schema = object({
      version: { type: 'string' },
      score: { type: 'number', minimum: 1 },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 2 },
      state: { enum: ['new', 'old', null] },
      owner: { type: ['string', 'null'] },
    })
    const { text } = await fill(schema)
    expect((await createObjectCheck(schema))(text)).toHaveProperty('object')
  })
})

describe('a value stands where such values stand', () => {
  const NOTE = `Harbour walk (part 2)

Order No. 88-231 was sent to Ada Lovelace in Bergen. The hall in room 207 has 78 square metres and four windows.
The work began on 3 May, 1936 and costs €1,150 a month plus €90 for heating.
By A. M. Turing. Copyright (c) 2011 TJ Holowaychuk. Call 0047 77 60 00 00.
It is lent with or without a chair. Monday or Tuesday? The day is Tuesday.
Content with the view: no
`
  it.each<[string, string, JsonSchema, unknown]>([
    ['title', 'a line of its own', { type: 'string' }, 'Harbour walk'],
    ['orderNumber', 'behind its word', { type: 'string' }, '88-231'],
    ['room', 'behind its name', { type: 'string' }, '207'],
    ['city', 'behind in', { type: 'string' }, 'Bergen'],
    ['author', 'behind by, initials and all', { type: 'string' }, 'A. M. Turing'],
    ['holder', 'behind the sign', { type: 'string', description: 'holder of the copyright' }, 'TJ Holowaychuk'],
    ['phone', 'by its form', { type: 'string' }, '0047 77 60 00 00'],
    ['date', 'a day with its month', { type: 'string', description: 'date of the begin' }, '3 May, 1936'],
    ['area', 'before its unit', { type: 'number', description: 'in square metres' }, 78],
    ['windows', 'in a word', { type: 'integer', description: 'number of windows' }, 4],
    ['rent', 'not the amount behind', { type: 'number', description: 'costs per month' }, 1150],
    ['day', 'the one named most often', { enum: ['Monday', 'Tuesday', 'Sunday'] }, 'Tuesday'],
    ['lent', 'with or without denies nothing', { type: 'boolean', description: 'is it lent with a chair' }, true],
    ['content', 'in a line with more words', { type: 'boolean', description: 'content with the view' }, false],
  ])('%s: %s', async (name, _, schema, expected) => {
    expect((await fill(object({ [name]: schema }), NOTE)).value).toEqual({ [name]: expected })
  })

  it('is one of several constants, by their descriptions', async () => {
    const constants = [
      { const: 'Boat', description: 'sailing, anchor, mooring, hull' },
      { const: 'Kitchen', description: 'recipes, baking, bread' },
    ]
    const schema = (name: 'anyOf' | 'oneOf') => object({ topic: { [name]: constants } })
    // the name of the other one occurs in the text
    const note = 'Bake the bread twice. It keeps for a week on the boat.'
    expect((await fill(schema('oneOf'), note)).value).toEqual({ topic: 'Kitchen' })
    expect((await fill(schema('anyOf'), 'Topic: boat')).value).toEqual({ topic: 'Boat' })
    expect((await fill(schema('oneOf'), 'Ring Ida about Thursday.')).refused).toContain('nothing that fits')
    const bare = object({ day: { oneOf: [{ const: 'Monday' }, { const: 'Tuesday' }] } })
    expect((await fill(bare, 'It rains on Tuesday.')).value).toEqual({ day: 'Tuesday' })
  })

  it('and is not made of a sentence', async () => {
    const { value, refused } = await fill(object({ title: { type: 'string' } }), 'it rains.\n\nand it will go on.\n')
    expect([value, refused]).toEqual([undefined, expect.stringContaining('nothing that fits')])
  })
})

it('many lines of keys and many properties take no long time', async () => {
  const lines = Array.from({ length: 20_000 }, (_, at) => `field ${at}: value ${at}`).join('\n')
  const names = Array.from({ length: 100 }, (_, at) => `field_${at}`)
  const started = threadTime()
  const { value } = await fill(object(Object.fromEntries(names.map((name) => [name, { type: 'string' }]))), lines)
  expect(value).toMatchObject({ field_7: 'value 7' })
  expect(threadTime() - started).toBeLessThan(5000)
})

it('hostile text takes no long time', async () => {
  const schema = object({
    email: { type: 'string' },
    homepage: { type: 'string' },
    author: { type: 'string' },
    size: { type: 'number' },
    file: { type: 'string' },
  })
  const hostile = [
    'a'.repeat(100_000),
    'a: '.repeat(30_000),
    '1,'.repeat(50_000),
    '/a'.repeat(50_000),
    'A B '.repeat(25_000),
    `a:${' '.repeat(100_000)}b`,
    `a:${' '.repeat(5_000)}${'x'.repeat(5_000)}${' '.repeat(5_000)}${'"""'.repeat(5_000)}\0`,
    `*A= ${' '.repeat(5_000)}A= ${'\t"""'.repeat(5_000)}\0`,
  ]
  const started = threadTime()
  for (const text of hostile) await fill(schema, text)
  expect(threadTime() - started).toBeLessThan(5000)
})
