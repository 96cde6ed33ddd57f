import { expect, test } from 'vitest'
import { embeddingDuty } from '../../src/memory/embedding/embedding.ts'
import { openConnection } from '../../src/memory/store/connection.ts'
import { bytesOf, keepVectors, unread } from '../../src/memory/store/search/vectors.ts'
import { fc, runs } from '../property.ts'
import { testEncoder, vectorOf } from './encoder.ts'
import { openFile } from './folder.ts'

const textsOf = ({ records }: { readonly records: readonly { readonly text: string }[] }) =>
  records.map(({ text }) => text)

test('a search finds a record that shares no word with it', async () => {
  const { encoder, calls } = testEncoder()
  const { memory } = openFile(encoder)
  await memory().add([{ text: 'kiln kiln hot' }, { text: 'invoice due soon' }])
  const found = await memory().search({ text: 'oven oven', explain: true })
  expect(found).toMatchObject({ coverage: 1, records: [{ text: 'kiln kiln hot', parts: { words: 0 } }, {}] })
  const { parts, score } = found.records[0]!
  expect(parts).toMatchObject({ meaning: expect.closeTo(0.8, 0), ranks: { meaning: 1 } })
  expect(score).toBeCloseTo((parts.recency * parts.importance) / 61, 12)
  expect(calls.map(({ priority, texts }) => [priority, texts.length])).toEqual([
    ['low', 2],
    ['high', 1],
  ])
})

test('a vector finds the records with the nearest ones, and one that cannot be compared is refused by name', async () => {
  const { encoder, calls } = testEncoder()
  const { memory } = openFile(encoder)
  const numbers = [...vectorOf('oven oven')]
  const refused = (numbers: readonly number[], model?: string) =>
    expect(memory().search({ text: '', vector: { numbers, ...(model && { model }) } })).rejects.toMatchObject({
      code: 'not_comparable',
    })
  // also while there is nothing to compare
  await refused(numbers.slice(1))
  await memory().add([{ text: 'invoice due' }, { text: 'kiln kiln hot', importance: 1 }, { text: 'oven' }])
  await memory().search({ text: 'reads all' })
  const asked = calls.length
  const found = await memory().search({
    text: '',
    vector: { numbers: numbers.map((number) => 1e300 * number), model: 'test/words' },
    limit: 1,
  })
  // the nearest one, and not an important one with a higher score
  expect(textsOf(found)).toEqual(['oven'])
  expect(found.records[0]!.parts).toMatchObject({ words: 0, meaning: expect.closeTo(1, 2) })
  expect(calls).toHaveLength(asked)
  await refused([...numbers, 1])
  await refused(numbers.map(() => 0))
  await refused(numbers.map(() => 1e308))
  await refused(numbers, 'other/words')
  const { memory: plain } = openFile()
  await expect(plain().search({ text: '', vector: { numbers } })).rejects.toMatchObject({ code: 'not_comparable' })
})

test('without records the encoder is not asked, and a text that it does not understand is found by words', async () => {
  const { encoder, calls } = testEncoder()
  const { memory } = openFile(encoder)
  expect(await memory().search({ text: 'oven' })).toEqual({ records: [] })
  expect(calls).toEqual([])
  await memory().add([{ text: 'unverständlich und hell' }, { text: 'kiln' }])
  const found = await memory().search({ text: 'hell' })
  expect([textsOf(found), found.coverage]).toEqual([['unverständlich und hell', 'kiln'], 1])
  expect(calls.flatMap(({ texts }) => texts)).toEqual(['kiln', 'hell'])
  expect(await memory().search({ text: 'unverständlich' })).not.toHaveProperty('coverage')
})

test('FTS syntax and emoji in a query are plain text', async () => {
  const { encoder } = testEncoder()
  const { memory } = openFile(encoder)
  await memory().add([{ text: "what's up" }, { text: 'a kiln' }])
  for (const text of [`what's "up (now* OR`, '🔥', '-kiln NEAR', "'; drop table vector; --"])
    expect((await memory().search({ text })).records).toHaveLength(2)
})

test('an encoder that is down delays nothing else, and vectors follow without another add', async () => {
  const { encoder, calls, state } = testEncoder()
  const { memory, embedding } = openFile(encoder)
  embedding().begin()
  const { run } = embeddingDuty(embedding())
  const { signal } = new AbortController()
  state.down = { code: 'model_unavailable', message: 'no answer from the encoder' }
  await memory().add([{ text: 'the kiln' }])
  await expect(run('ada', signal)).rejects.toMatchObject({ code: 'model_unavailable' })
  const degraded = ['records wait for their vectors: no answer from the encoder']
  expect(await memory().search({ text: 'kiln' })).toMatchObject({ records: [{ parts: {} }], coverage: 0, degraded })
  expect(calls).toHaveLength(1)
  state.down = undefined as never
  expect(await run('ada', signal)).toEqual({ did: { vectors: 1 } })
  expect(await run('ada', signal)).toEqual({})
  const found = await memory().search({ text: 'oven' })
  expect([textsOf(found), found.coverage, found.degraded]).toEqual([['the kiln'], 1, undefined])
  // only the query has no vector
  state.down = { code: 'model_unavailable', message: 'gone again' }
  expect(await memory().search({ text: 'kiln' })).toMatchObject({
    records: [{ parts: { words: expect.any(Number) } }],
    coverage: 1,
    degraded: ['records were found by their words alone: gone again'],
  })
})

test('a portion has at most 16 texts, and one that two ask for is embedded once', async () => {
  const { encoder, calls } = testEncoder()
  const { memory, embedding } = openFile(encoder)
  await memory().add(Array.from({ length: 20 }, (_, place) => ({ text: `kiln ${place}` })))
  const { signal } = new AbortController()
  const both = await Promise.all([embedding().readSome('ada', signal), embedding().readSome('ada', signal)])
  expect(both).toEqual(Array(2).fill({ did: { vectors: 16 }, next: 1_000 }))
  expect(await embedding().readSome('ada', signal)).toEqual({ did: { vectors: 4 } })
  expect(calls.map(({ texts, by, priority }) => [texts.length, by, priority])).toEqual([
    [16, 'memory/ada', 'low'],
    [4, 'memory/ada', 'low'],
  ])
})

test('a text that the encoder refuses holds up no other one', async () => {
  const { encoder } = testEncoder()
  const { memory } = openFile(encoder)
  await memory().add([{ text: 'refused kiln' }, { text: 'a kiln' }, { text: 'an invoice' }])
  const found = await memory().search({ text: 'oven' })
  expect([textsOf(found), found.coverage]).toEqual([['a kiln', 'an invoice'], 1])
  expect(textsOf(await memory().search({ text: 'kiln' }))).toContain('refused kiln')
})

test('another model reads everything again, and vectors of two models are never compared', async () => {
  const first = testEncoder('test/first')
  const { memory, reopen, path } = openFile(first.encoder)
  await memory().add([{ text: 'a kiln' }, { text: 'an invoice' }])
  await memory().search({ text: 'oven' })
  const second = testEncoder('test/second')
  second.state.down = { code: 'model_unavailable', message: 'down' }
  await reopen(second.encoder)
  expect(await memory().search({ text: 'oven' })).toMatchObject({ records: [], coverage: 0 })
  second.state.down = undefined as never
  expect(textsOf(await memory().search({ text: 'oven' }))).toEqual(['a kiln', 'an invoice'])
  const connection = openConnection(path, 'read')
  expect(connection.all('select distinct model from vector')).toEqual([{ model: 'test/second' }])
  connection.close()
})

test('forgetting and undoing delete vectors, and a late vector is not kept', async () => {
  const { encoder } = testEncoder()
  const { memory, path, clock } = openFile(encoder)
  const { change } = await memory().add([{ text: 'kiln one' }, { text: 'kiln two' }])
  await memory().search({ text: 'oven' })
  await memory().add([
    { id: 'late', text: 'kiln three' },
    { id: 'later', text: 'kiln four' },
  ])
  const connection = openConnection(path, 'write')
  const model = encoder.model
  const waiting = unread(connection, 1, { model, limit: 9 })
  const { change: last } = await memory().add([{ text: 'kiln five' }])
  expect((await memory().forget({ id: 'late' })).removed).toMatchObject({ records: 1, vectors: 0 })
  keepVectors(connection, 1, { model, records: waiting.map((one) => ({ ...one, vector: vectorOf(one.text) })) })
  expect(textsOf(await memory().search({ text: 'oven' }))).not.toContain('kiln three')
  expect((await memory().search({ text: 'oven' })).records).toHaveLength(4)
  clock.now++
  await memory().changes.undo(change!)
  await memory().changes.undo(last!)
  expect(textsOf(await memory().search({ text: 'oven' }))).toEqual(['kiln four'])
  expect((await memory().forget({ all: true })).removed).toMatchObject({ vectors: 1 })
  expect(connection.first('select 1 from vector')).toBeUndefined()
  connection.close()
})

test('records of others change no result and no score, with each kind of filter', async () => {
  const { encoder } = testEncoder()
  const { memory } = openFile(encoder)
  const records = Array.from({ length: 60 }, (_, place) => ({
    text: `kiln ${place} glaze ${place % 7} oven ${place % 5}`,
    space: `work/${place % 4}`,
    data: { n: place % 3 },
    pinned: place % 9 === 0,
    ...(place % 8 === 0 && { subject: `kiln ${place % 16}` }),
  }))
  await memory('ada').add(records)
  const queries = [
    {},
    { space: 'work/1' },
    { kind: 'fact' },
    { subject: 'kiln 8' },
    { pinned: true },
    { where: { n: 2 } },
    { since: 900 },
    { until: 999 },
    { source: 'none' },
    { asOf: 2_000, knownAt: 2_000 },
  ]
  const ask = () => Promise.all(queries.map((query) => memory('ada').search({ text: 'oven 3 glaze', ...query })))
  const before = await ask()
  expect(before.map((found) => found.records.length)).toEqual([10, 10, 2, 1, 6, 10, 10, 0, 0, 10])
  await memory('bob').add(records.map((one) => ({ ...one, text: `${one.text} oven 3 glaze` })))
  await memory('bob').search({ text: 'oven' })
  expect(await ask()).toEqual(before)
})

const WORDS = ['kiln', 'oven', 'glaze', 'invoice', 'bill', 'kitten', 'red', 'blue']
const record = fc.record({
  words: fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 6 }),
  space: fc.constantFrom('', 'a', 'a/b', 'ab'),
  kind: fc.constantFrom('note', 'passage'),
  importance: fc.constantFrom(0, 0.5, 1),
  age: fc.nat(90),
})
const filter = fc.record(
  { space: fc.constantFrom('a', 'a/b'), kind: fc.constant('passage'), since: fc.nat(90) },
  { requiredKeys: [] },
)
const DAY = 86_400_000

test('random records and filters: as if each record had been looked at', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { maxLength: 30 }),
      fc.array(filter, { maxLength: 4 }),
      async (given, filters) => {
        const { encoder } = testEncoder()
        const { memory, clock, path, close } = openFile(encoder)
        const now = 100 * DAY
        const all = given
          .toSorted((a, b) => b.age - a.age)
          .map(({ words, age, ...one }, place) => ({
            ...one,
            text: words.join(' '),
            id: `m${place}`,
            at: now - age * DAY,
          }))
        for (const { at, ...one } of all) {
          clock.now = at
          await memory().add([one])
        }
        clock.now = now
        const asked = 'bill kiln red'
        await memory().search({ text: asked })
        const cosines = cosinesIn(path, asked)
        for (const { space, kind, since, ...rest } of [{}, ...filters] as (typeof filters)[number][]) {
          const from = since === undefined ? undefined : now - since * DAY
          const passing = all.filter(
            (one) =>
              (space === undefined || one.space === space || one.space.startsWith(`${space}/`)) &&
              (kind === undefined || one.kind === kind) &&
              (from === undefined || one.at >= from),
          )
          const query = { ...rest, ...(space && { space }), ...(kind && { kind }), ...(from && { since: from }) }
          const { records } = await memory().search({ text: asked, limit: 50, explain: true, ...query })
          expect(records.map(({ id }) => id).sort()).toEqual(passing.map(({ id }) => id).sort())
          const byMeaning = passing.toSorted(
            (a, b) => cosines.get(b.id)! - cosines.get(a.id)! || b.at - a.at || (a.id < b.id ? -1 : 1),
          )
          const containing = passing.filter(({ text }) =>
            asked.split(' ').some((word) => text.split(' ').includes(word)),
          )
          for (const { id, text, parts, score, learnedAt, importance } of records) {
            const { words, meaning } = parts.ranks!
            expect(meaning).toBe(byMeaning.findIndex((one) => one.id === id) + 1)
            expect(words !== undefined).toBe(containing.some((one) => one.text === text))
            const recency = 1 + 0.1 * Math.exp(-(now - learnedAt) / DAY / 30)
            const boosts = recency * (1 + 0.1 * (importance ?? 0))
            expect(score).toBeCloseTo(((words === undefined ? 0 : 1 / (60 + words)) + 1 / (60 + meaning!)) * boosts, 10)
          }
          const ranked = records.flatMap(({ parts }) => (parts.ranks?.words ? [[parts.ranks.words, parts.words]] : []))
          expect(ranked.sort((a, b) => a[0]! - b[0]!).map(([, relevance]) => relevance)).toEqual(
            ranked.map(([, relevance]) => relevance!).sort((a, b) => b - a),
          )
          expect(records.map(({ score }) => score)).toEqual(records.map(({ score }) => score).sort((a, b) => b - a))
        }
        await close()
      },
    ),
    runs(4),
  )
})

/** The exact comparison of all vectors, in SQL. */
function cosinesIn(path: string, text: string): ReadonlyMap<string, number> {
  const connection = openConnection(path, 'read')
  const rows = connection.all<{ readonly id: string; readonly cosine: number }>(
    `select r.id, 1 - vector_distance_cos(v.vec, vector8(?)) cosine from vector v join record r on r.rid = v.rid`,
    [bytesOf(vectorOf(text))],
  )
  connection.close()
  return new Map(rows.map(({ id, cosine }) => [id, cosine]))
}
