import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LibsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { TerminalError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import { NOOP_OBSERVER } from '../../../src/observe/observer.ts'
import type { ObservedEvent } from '../../../src/observe/semantic-conventions.ts'
import { writeBackup } from '../../../src/store/backup.ts'
import { folderStore } from '../../../src/store/blobs/folder-store.ts'
import { checkDeep } from '../../../src/store/integrity-check.ts'
import { actor } from '../../../trials/conformance/actors.ts'
import { createPath, openEngine } from './open.ts'

type Note = { readonly note?: string; readonly part?: string; readonly fail?: string; readonly later?: string }

/** Keeps a note as its state, as a part, as an event, as an effect's outcome and in its index. */
const keeper = () =>
  actor<Json, Note>('keeper', 'empty', async (state, { note, part, fail, later }, effects) => {
    if (fail) throw new TerminalError(fail)
    if (part) return { reply: (await effects.part(part)) ?? null }
    if (later) return { timers: { later: { delay: 3_600_000, body: { note: later } } }, reply: 'later' }
    if (note === undefined) return { reply: state }
    const parts = { [`part of ${note}`]: `kept ${note}` }
    return {
      state: `state ${note}`,
      parts,
      events: [`told ${note}`],
      index: { field: `index ${note}` },
      reply: `reply ${note}`,
    }
  })

/** Answers with what it answered first, by an effect that was journaled; asked to wait, it never ends. */
const worker = () =>
  actor('worker', null, async (_state, wait, effects) => {
    const done = await effects.run('first', () => 'outcome of an effect')
    if (wait === true) await effects.run('second', () => new Promise<Json>(() => {}))
    return { reply: done }
  })

const A: ActorRef = { kind: 'keeper', key: 'alpha' }
const B: ActorRef = { kind: 'keeper', key: 'bravo' }
const W: ActorRef = { kind: 'worker', key: 'walker' }
// all is in the tables as soon as it is written
const CHECKPOINT = { bytes: 1, chunk: 1000, trim: 1000 }

async function open(path: string) {
  const refusals: Error[] = []
  const lost: string[] = []
  const tell = (fact: ObservedEvent) => void (fact.name === 'row-damage' && lost.push(fact.row))
  const onFailed = (error: Error) => void refusals.push(error)
  const engine = await openEngine(path, {
    actors: [keeper(), worker()],
    checkpoint: CHECKPOINT,
    onFailed,
    observer: { ...NOOP_OBSERVER, tell },
  })
  await engine.start()
  return { engine, refusals, lost }
}

let whole: Buffer | undefined

/** A file of an engine that has stopped, with something in each of its tables. */
async function written(): Promise<string> {
  const path = createPath()
  whole ??= await write()
  writeFileSync(path, whole)
  return path
}

async function write(): Promise<Buffer> {
  const path = createPath()
  const { engine } = await open(path)
  for (const to of [A, B]) await engine.ask(to, { note: `of ${to.key}` }, { id: `id of ${to.key}` })
  for (let n = 0; n < 200; n++) await engine.ask({ kind: 'keeper', key: 'large' }, { note: `number ${n}` })
  await engine.ask(A, { fail: 'letter of alpha' }).catch(() => {})
  await engine.ask(B, { fail: 'letter of bravo' }).catch(() => {})
  await engine.ask(A, { later: 'the mail of alpha' })
  engine.ask(W, true, { id: 'walk' }).catch(() => {})
  await expect.poll(async () => (await engine.view.inspect({ ...W }))[0]?.turn?.effect?.name).toBe('second')
  for (let n = 0; n < 3; n++) await engine.ask(B, {})
  await engine.stop({ grace: 0 })
  return readFileSync(path)
}

/** Flips one bit in each copy of a text. */
function flip(path: string, text: string, bit: number): void {
  const bytes = readFileSync(path)
  let at = bytes.indexOf(text)
  expect(at).toBeGreaterThan(0)
  for (; at !== -1; at = bytes.indexOf(text, at + 1)) bytes[at + text.length - 1]! ^= bit
  writeFileSync(path, bytes)
}

const deep = async (path: string) => (await checkDeep(path, folderStore(join(path, '..', 'blobs')))).damaged

/** What others do goes on, and a backup can be made that tells of the damage. */
async function expectTheRest(path: string, { engine, refusals }: Awaited<ReturnType<typeof open>>, row: string) {
  expect(await engine.ask({ kind: 'keeper', key: 'new' }, { note: 'later' })).toBe('reply later')
  expect((await engine.view.list('keeper')).length).toBeGreaterThan(1)
  expect((await engine.view.inspect({})).length).toBeGreaterThan(3)
  await engine.deadLetters.list()
  const source = { database: path, blobs: join(path, '..', 'blobs') }
  const { rows = [] } = await writeBackup(source, `${path}.backup`)
  expect(rows.join()).toContain(row)
  expect(refusals).toEqual([])
  await engine.stop({ grace: 0 })
}

const UNREADABLE = { code: 'unreadable' }
const partsOf = async ({ view }: LibsqlEngine, of: ActorRef) => {
  const parts: string[] = []
  for await (const [name] of view.parts(of)) parts.push(name)
  return parts
}
const eventsOf = async ({ view }: LibsqlEngine, of: ActorRef) => {
  const events: Json[] = []
  for await (const { body } of view.events(of, { live: false })) events.push(body)
  return events
}

/** A bit that makes bytes which are no text, and one that makes another text. */
const BITS = [0x80, 0x02]

test.each(BITS)('a whole file has no damaged row, and one bit (%i) of a name is found', async (bit) => {
  const path = await written()
  expect(await deep(path)).toEqual([])
  flip(path, 'keeper/alpha', bit)
  expect((await deep(path)).join()).toContain('row cell ')
})

test.each(BITS)('an actor never begins anew because one copy of its name is damaged (bit %i)', async (bit) => {
  const bytes = readFileSync(await written())
  for (let at = bytes.indexOf('keeper/alpha'); at !== -1; at = bytes.indexOf('keeper/alpha', at + 1)) {
    const path = createPath()
    const damaged = Buffer.from(bytes)
    damaged[at + 9]! ^= bit
    writeFileSync(path, damaged)
    const { engine, refusals } = await open(path)
    expect(await engine.ask(A, {}).catch(({ code }) => code)).toMatch(/^(state of alpha|unreadable)$/)
    expect(await engine.ask(B, {})).toBe('state of bravo')
    await engine.tell(A, null, { type: 'stop' })
    await engine.stop({ grace: 0 })
    expect(refusals).toEqual([])
  }
})

test.each(BITS)('mail that does not tell to whom it goes stays where it is, and is named (bit %i)', async (bit) => {
  const path = await written()
  flip(path, ',"keeper","alpha",', bit)
  expect((await deep(path)).join()).toContain('row mail ')
  const opened = await open(path)
  expect(await opened.engine.ask(A, {})).toBe('state of alpha')
  expect(opened.lost).toEqual([expect.stringContaining('mail ')])
  await expectTheRest(path, opened, 'mail ')
  expect((await deep(path)).join()).toContain('row mail ')
})

test.each(BITS)('a damaged state quarantines its actor, and no other (bit %i)', async (bit) => {
  const path = await written()
  flip(path, 'state of alpha', bit)
  expect(await deep(path)).toEqual(['row cell keeper/alpha is damaged'])
  const opened = await open(path)
  const { engine } = opened
  await expect(engine.ask(A, {})).rejects.toMatchObject(UNREADABLE)
  await expect(engine.view.peek(A)).rejects.toMatchObject(UNREADABLE)
  const [{ cell } = {}] = await engine.view.inspect({ ...A })
  expect(cell).toMatchObject({ status: 'quarantined', problem: UNREADABLE })
  expect(await engine.ask(B, {})).toBe('state of bravo')
  await expectTheRest(path, opened, 'cell keeper/alpha')
  const again = await open(path)
  await again.engine.tell(A, null, { type: 'stop' })
  expect(await again.engine.ask(A, {})).toBe('empty')
  await again.engine.stop({ grace: 0 })
  expect(again.refusals).toEqual([])
  expect(await deep(path)).toEqual([])
})

test.each(BITS)(
  'an actor that keeps an older state continues with it, and its row is whole again (bit %i)',
  async (bit) => {
    const elder = () =>
      actor<Json, string>(
        'elder',
        'empty',
        (state, next) => ({ state: next, parts: { before: state }, reply: state }),
        {
          older: async ({ part }) => part('before'),
        },
      )
    const openElder = (path: string) => openEngine(path, { actors: [elder()], checkpoint: CHECKPOINT })
    const E: ActorRef = { kind: 'elder', key: 'eve' }
    const path = createPath()
    const first = await openElder(path)
    for (const state of ['state one', 'state two', 'state three']) await first.ask(E, state)
    await first.stop({ grace: 0 })
    flip(path, 'state three', bit)
    expect(await deep(path)).toEqual(['row cell elder/eve is damaged'])
    const second = await openElder(path)
    expect([await second.ask(E, 'state four'), await second.ask(E, 'state five')]).toEqual(['state two', 'state four'])
    await second.stop({ grace: 0 })
    expect(await deep(path)).toEqual([])
    flip(path, 'state four', bit)
    flip(path, 'state five', bit)
    const third = await openElder(path)
    await expect(third.ask(E, 'state six')).rejects.toMatchObject(UNREADABLE)
    await third.stop({ grace: 0 })
  },
)

test.each(BITS)('a damaged index is in no list, and its actor can be written over (bit %i)', async (bit) => {
  const path = await written()
  flip(path, 'index of alpha', bit)
  const opened = await open(path)
  const { engine } = opened
  const keys = (await engine.view.list('keeper')).map(({ key }) => key)
  expect([keys.includes('alpha'), keys.includes('bravo')]).toEqual([false, true])
  await expect(engine.ask(A, {})).rejects.toMatchObject(UNREADABLE)
  await expectTheRest(path, opened, 'cell keeper/alpha')
})

test.each(BITS)('an index that is invalid JSON keeps no actor from being listed or written (bit %i)', async (bit) => {
  const path = await written()
  flip(path, '{"field":"index of alpha"', bit)
  const opened = await open(path)
  expect(await opened.engine.ask(B, {})).toBe('state of bravo')
  await expectTheRest(path, opened, 'cell keeper/alpha')
  const { engine, refusals } = await open(path)
  await engine.tell(A, null, { type: 'stop' })
  await engine.stop({ grace: 0 })
  expect(refusals).toEqual([])
})

test.each([
  ['beside a cell', A, 'part of of alpha', 'kept of alpha'],
  ['in rows of their own', { kind: 'keeper', key: 'large' }, 'part of number 177', 'kept number 177'],
] as const)('a damaged part %s quarantines its actor when it reads it', async (_, of, part, text) => {
  for (const bit of BITS) {
    const path = await written()
    flip(path, text, bit)
    expect((await deep(path)).join()).toContain(`keeper/${of.key}`)
    const opened = await open(path)
    const { engine } = opened
    expect(await engine.ask(of, {})).toMatch(/^state/)
    await expect(engine.ask(of, { part })).rejects.toMatchObject(UNREADABLE)
    const [{ cell } = {}] = await engine.view.inspect({ ...of })
    expect(cell).toMatchObject({ status: 'quarantined', problem: UNREADABLE })
    await expect(partsOf(engine, of)).rejects.toMatchObject(UNREADABLE)
    await expectTheRest(path, opened, `keeper/${of.key}`)
  }
})

test.each(BITS)('an actor whose parts are damaged is written without losing sight of that (bit %i)', async (bit) => {
  const path = await written()
  flip(path, 'kept of alpha', bit)
  const { engine, refusals } = await open(path)
  for (let n = 0; n < 150; n++) await engine.ask(A, { note: `again ${n}` })
  await engine.stop({ grace: 0 })
  expect(refusals).toEqual([])
  const again = await open(path)
  expect(await again.engine.ask(A, {})).toBe('state again 149')
  await expect(again.engine.ask(A, { part: 'part of again 149' })).rejects.toMatchObject(UNREADABLE)
})

test.each([
  ['beside a cell', A, 'told of alpha'],
  ['in rows of their own', { kind: 'keeper', key: 'large' }, 'told number 177'],
] as const)('a damaged event %s is an error of who reads it', async (_, of, text) => {
  for (const bit of BITS) {
    const path = await written()
    flip(path, text, bit)
    const opened = await open(path)
    await expect(eventsOf(opened.engine, of)).rejects.toMatchObject(UNREADABLE)
    expect(await eventsOf(opened.engine, B)).toEqual(['told of bravo'])
    expect(await opened.engine.ask(of, {})).toMatch(/^state/)
    await expectTheRest(path, opened, `keeper/${of.key}`)
  }
})

test.each(BITS)('a request whose record is damaged is refused and does not run again (bit %i)', async (bit) => {
  const path = await written()
  flip(path, 'reply of alpha', bit)
  const opened = await open(path)
  await expect(opened.engine.ask(A, { note: 'twice' }, { id: 'id of alpha' })).rejects.toMatchObject(UNREADABLE)
  expect(await opened.engine.ask(A, {})).toBe('state of alpha')
  await expectTheRest(path, opened, 'idempotency')
})

test.each(BITS)('a damaged dead letter is shown as that, and can be dropped (bit %i)', async (bit) => {
  const path = await written()
  flip(path, 'letter of alpha', bit)
  const opened = await open(path)
  const { deadLetters } = opened.engine
  const letters = await deadLetters.list()
  expect(letters.map(({ problem }) => problem.message)).toContain('letter of bravo')
  const damaged = letters.find(({ problem }) => problem.code === 'unreadable')!
  await expect(deadLetters.retry(damaged.id)).rejects.toMatchObject({ name: 'NotFoundError' })
  await expectTheRest(path, opened, 'dead_letter')
  const { engine } = await open(path)
  await engine.deadLetters.drop(damaged.id)
  expect((await engine.deadLetters.list()).map(({ problem }) => problem.message)).toEqual(['letter of bravo'])
})

test.each(BITS)('a message with lost effects fails, and its caller gets the error (bit %i)', async (bit) => {
  const path = await written()
  flip(path, 'outcome of an effect', bit)
  const opened = await open(path)
  await expect(opened.engine.ask(W, true, { id: 'walk' })).rejects.toMatchObject(UNREADABLE)
  // its row goes with the message
  await expectTheRest(path, opened, '')
})

test.each(BITS)('a damaged message becomes a dead letter when it is due (bit %i)', async (bit) => {
  const path = await written()
  flip(path, 'the mail of alpha', bit)
  const opened = await open(path)
  expect(await opened.engine.ask(A, {})).toBe('state of alpha')
  await expectTheRest(path, opened, 'mail')
})
