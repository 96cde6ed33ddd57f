import { expect, test } from 'vitest'
import { webPhase } from '../../../src/chain/phases/experience.ts'
import type { PhaseContext } from '../../../src/chain/protocol/phase.ts'
import { partsOf } from '../../../src/chain/questions/parts.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { brief, type Setup, setUp } from '../fixture.ts'
import { contextOf, inputOf, runOnce } from '../phases/fixture.ts'
import { fakeCalls, PAGES, type Page } from './fixture.ts'

const CITES_WEB = { yield: 'basalt <vid>w1</vid>, no air <vid>w2</vid>, cheese <vid>w3</vid>' }

/** A chain whose searches find these pages, in the order of the searches; the last one again and again. */
function webChain(found: readonly (readonly Page[] | Error)[], { script = CITES_WEB, ...setup }: Setup = {}) {
  const queries: string[] = []
  const fake = fakeCalls(
    ({ parameters = {} }) => {
      const query = String(parameters.query)
      if (!queries.includes(query)) queries.push(query)
      const pages = found[Math.min(queries.indexOf(query), found.length - 1)]!
      return pages instanceof Error ? pages : ({ results: pages, backend: 'test' } as unknown as Json)
    },
    { searches: true },
  )
  const chain = setUp({ script, calls: fake.calls, actors: fake.actors, ...setup })
  fake.live.engine = chain.engine
  return { ...chain, queries, fake }
}

test('an ask without files cites pages of the web, by their addresses; the text is data', async () => {
  const { ask, events, queries, fake, model } = webChain([PAGES])
  const answer = await ask('What is the moon made of?', { files: [] })
  expect(answer).toMatchObject({
    answer: 'basalt <vid>w1</vid>, no air <vid>w2</vid>, cheese w3',
    invalidCitations: ['w3'],
    degraded: [],
    citations: [
      { vid: 'w1', file: 'https://moon.example/a.csv', source: 'test' },
      { vid: 'w2', file: 'https://air.example/' },
    ],
  })
  expect(queries).toEqual(['What is the moon made of?'])
  expect(fake.started).toMatchObject([
    { id: expect.stringMatching(/^t\.q1\.1\.experience\.web\.1-\w+$/), approve: 'none', origin: { thread: 't' } },
  ])
  const [, summary] = model.calls.map(({ prompt }) => prompt)
  expect(summary).toContain('<document name="w1" from="a page of the web, moon.example">')
  expect(summary).toContain('‹vid>v9')
  expect(summary).toContain('［w7]')
  const web = (await events()).find(({ body }) => body.type === 'phase-end' && body.phase === 'experience.web')
  expect(web!.body).toMatchObject({ hits: [{ vid: 'w1', heading: 'The moon' }, { vid: 'w2' }] })
})

test('files and the web are ranked together; a further cycle searches for the gaps, and ids stay', async () => {
  const again = { ...PAGES[1]!, snippet: 'The air of the moon left long ago.' }
  const { ask, queries } = webChain([PAGES.slice(0, 1), [...PAGES.slice(0, 1), again]], {
    script: {
      ...CITES_WEB,
      understanding: [
        { reply: { loop: true, confidence: 0.4, gaps: ['where the air went'], infoSufficiency: 0.3 }, times: 1 },
        { reply: { loop: false, synthesis: 'entirely different words' } },
      ],
      yield: 'air <vid>w2</vid> basalt <vid>w1</vid> <vid>v1</vid>',
    },
  })
  const { citations } = await ask('What is the moon made of?')
  expect(queries).toEqual(['What is the moon made of?', 'where the air went'])
  expect(citations.map(({ vid, file }) => [vid, file])).toEqual([
    ['w2', 'https://air.example/'],
    ['w1', 'https://moon.example/a.csv'],
    ['v1', 'moon.md'],
  ])
})

test('a search that fails costs its leg, never the ask; one that finds nothing costs no model call', async () => {
  const failed = webChain([new Error('search_failed: 503')], { script: {} })
  expect(await failed.ask('why?')).toMatchObject({
    status: 'completed',
    degraded: [{ phase: 'experience.web', reason: expect.stringContaining('the web was not searched') }],
  })
  const empty = webChain([[]], { script: {} })
  expect(await empty.ask('why?')).toMatchObject({ status: 'completed', degraded: [] })
  expect(empty.steps().filter((step) => step === 'experience')).toHaveLength(1)
})

test('a quick ask searches the web beside the files and makes one model call; web: false turns it off', async () => {
  const { ask, steps, events, queries } = webChain([PAGES])
  expect(await ask('What is the moon made of?', { files: [], quick: true })).toMatchObject({
    citations: [{ vid: 'w1' }, { vid: 'w2' }],
  })
  expect(steps()).toEqual(['yield'])
  expect(brief(await events())).toContain('completed experience.web 1')
  const off = webChain([PAGES], { script: {} })
  await off.ask('why?', { web: false })
  expect([queries.length, off.queries.length]).toEqual([1, 0])
  const end = (await off.events()).find(({ body }) => body.type === 'phase-end' && body.phase === 'experience.web')
  expect(end!.body).toMatchObject({ status: 'skipped', problem: { message: expect.stringContaining('--no-web') } })
})

test('pages count for the parts of a question, and open parts are worth a search of their own', async () => {
  const asked: Json[] = []
  const { context } = contextOf({ text: 'summary' })
  const searching = {
    ...context,
    async call(_: string, input: Json) {
      asked.push(input)
      return { results: PAGES.slice(0, 1), backend: 'test' }
    },
  }
  const input = inputOf({ prompt: 'What is the moon made of? Who owns the pier?', web: true })
  const { output } = await runOnce(webPhase, input, searching as PhaseContext)
  expect(output).toMatchObject({
    left: ['web'],
    parts: [{ hits: ['w1'] }, { question: 'Who owns the pier?', hits: [] }],
  })
  const texts = { hits: [], sources: [], summary: '', parts: output.parts!.map((part) => ({ ...part, hits: ['v1'] })) }
  const outputs = { 'experience.web': output, 'experience.vectors': texts }
  expect(partsOf({ ...input, outputs }).map(({ hits }) => hits)).toEqual([['v1', 'w1'], ['v1']])
  const understanding = { synthesis: '', reasoning: '', confidence: 0.5, gaps: ['Who owns the pier?'] }
  const again = { ...input, cycle: 2, continuation: 'Still open', outputs: { 'experience.web': output, understanding } }
  expect((await runOnce(webPhase, again, searching as PhaseContext)).output).toMatchObject({ looked: ['web'] })
  expect(asked).toMatchObject([{ query: input.prompt }, { query: 'Who owns the pier?' }])
})
