import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { libsqlContents } from '../../../src/engine/libsql/contents.ts'
import type { EventForms } from '../../../src/engine/libsql/event-forms.ts'
import { openAtRest } from '../../../src/engine/libsql/fill.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import { createPath, openEngine } from './open.ts'

/** Tells as many events as it is told to, the last of them with a note. */
const teller = (kind: string) =>
  defineActor({
    kind,
    message: z.number(),
    initial: () => 0,
    receive: (count, more) => ({
      state: count + more,
      events: Array.from({ length: more }, (_, at) => toldAt(count + at)),
      reply: count + more,
    }),
  })
const actors = [teller('terse'), teller('wordy')]
const toldAt = (n: number): Json => ({ said: n, ...(n % 10 === 9 && { note: 'ten' }) })
const eventForms: EventForms = new Map([
  [
    'terse',
    {
      short: (body) => ('note' in (body as object) ? body : [(body as { said: number }).said]),
      whole: (written) => (Array.isArray(written) ? { said: written[0]! } : written),
    },
  ],
])
const EAGER = { bytes: 0, chunk: 1000, trim: 1000 }

function textsIn(path: string): string {
  const database = new Libsql(path)
  const texts = ['select data text from log', 'select body text from event', 'select beside text from cell']
  const all = texts.flatMap((sql) => database.prepare(sql).all([]) as readonly { readonly text: string | null }[])
  database.close()
  return all.map(({ text }) => text).join('\n')
}

type Reader = Pick<Awaited<ReturnType<typeof openEngine>>, 'view'>

async function readAll({ view }: Reader, kind: string, count: number): Promise<readonly Json[]> {
  const bodies: Json[] = []
  for await (const { body } of view.events({ kind, key: 'a' }, { live: false })) bodies.push(body)
  expect(bodies).toHaveLength(count)
  return bodies
}

const toldUpTo = (count: number) => Array.from({ length: count }, (_, n) => toldAt(n))

test.each([
  ['in the log', 20, undefined],
  ['beside a cell', 20, EAGER],
  ['in rows of their own', 600, EAGER],
] as const)('events that lie %s are written in short and read as they were told', async (_, count, checkpoint) => {
  const path = createPath()
  const engine = await openEngine(path, { actors, eventForms, ...(checkpoint && { checkpoint }) })
  await engine.start()
  for (const kind of ['terse', 'wordy'])
    for (let told = 0; told < count; told += 10) await engine.ask({ kind, key: 'a' }, 10)
  for (let n = 0; n < 5; n++) await engine.ask({ kind: 'wordy', key: 'other' }, 0)
  for (const kind of ['terse', 'wordy']) expect(await readAll(engine, kind, count)).toEqual(toldUpTo(count))
  const texts = textsIn(path)
  expect(texts).toContain('{"said":9,"note":"ten"}')
  // of the terse one not a single word
  expect(texts.split('{"said":7}')).toHaveLength(2)
  await engine.stop()
  const later = await openEngine(path, { actors, eventForms })
  for (const kind of ['terse', 'wordy']) expect(await readAll(later, kind, count)).toEqual(toldUpTo(count))
})

test('who follows is told them whole, and so is who observes', async () => {
  const seen: Json[] = []
  const observer = { traces: false, tell: (fact: { name: string; body?: Json }) => fact.body && seen.push(fact.body) }
  const engine = await openEngine(createPath(), { actors, eventForms, observer: observer as never })
  await engine.start()
  const followed: Json[] = []
  const following = (async () => {
    for await (const { body } of engine.view.events({ kind: 'terse', key: 'a' })) if (followed.push(body) === 10) break
  })()
  await engine.ask({ kind: 'terse', key: 'a' }, 10)
  await following
  expect(followed).toEqual(toldUpTo(10))
  expect(seen).toEqual(toldUpTo(10))
})

test('what was written whole before stays so, and all of it moves whole', async () => {
  const path = createPath()
  const before = await openEngine(path, { actors })
  await before.start()
  await before.ask({ kind: 'terse', key: 'a' }, 10)
  await before.stop()
  const engine = await openEngine(path, { actors, eventForms })
  await engine.start()
  await engine.ask({ kind: 'terse', key: 'a' }, 10)
  expect(await readAll(engine, 'terse', 20)).toEqual(toldUpTo(20))
  await engine.stop()
  const database = await openAtRest(path)
  onTestFinished(() => database.close())
  const moved: Json[] = []
  for await (const { events } of libsqlContents(database, 0, eventForms).actors())
    moved.push(...events.map(({ body }) => body))
  expect(moved).toEqual(toldUpTo(20))
})
