import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { OwnerMemory } from '../../src/memory/memory.ts'
import { openConnection } from '../../src/memory/store/connection.ts'
import { dropStagings } from '../../src/memory/store/transfer/import-rows.ts'
import { fc, runs } from '../property.ts'
import { openFile } from './folder.ts'

async function exported({ transfer }: OwnerMemory): Promise<string> {
  const pieces: string[] = []
  for await (const piece of transfer.export()) pieces.push(piece)
  return pieces.join('')
}

/** The text in pieces that end anywhere, as bytes. */
async function* pieces(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const HEAD = '{"format":"antiphon-memory/1","exportedAt":1000}'
const lines = (...records: readonly object[]) =>
  pieces([HEAD, ...records.map((record) => JSON.stringify(record))].join('\n'), 1000)

const op = fc.record({
  type: fc.constantFrom('note', 'fact', 'fact', 'fact', 'work', 'accept', 'file', 'answer', 'undo', 'forget', 'pin'),
  text: fc.nat(2),
  subject: fc.nat(1),
  back: fc.option(fc.nat(6), { nil: undefined }),
  length: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  expires: fc.boolean(),
})

/** Oslo ends Berlin, and is forgotten. */
const plain = { type: 'fact' as const, text: 1, subject: 0, back: undefined, length: undefined, expires: false }

test('a copy gives the same answers at each instant', async () => {
  const { memory, clock } = openFile()
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(op, { maxLength: 12 }), async (ops) => {
      const [ada, copy] = [memory(`ada ${++run}`), memory(`copy ${run}`)]
      const begin = (clock.now += 100)
      for (const { type, text, subject, back, length, expires } of ops) {
        const now = (clock.now += 2)
        const validFrom = back === undefined ? undefined : now - back
        if (type === 'note')
          await ada.add([
            {
              text: `note ${text} ü`,
              ...(expires && { expires: now + 6 }),
              data: { at: [text, 1.5, 2 ** 53, 1e300, '9007199254740993'] },
            },
          ])
        else if (type === 'fact' || type === 'work')
          await ada.add(
            [
              {
                text: `fact ${text}`,
                subject: `subject ${subject}`,
                space: text === 2 ? 'work/a' : '',
                ...(validFrom !== undefined && { validFrom }),
                ...(length !== undefined && { validTo: (validFrom ?? now) + length }),
              },
            ],
            type === 'work' ? { source: { type: 'model', ref: 'agents/clerk', run: 'g.1' } } : {},
          )
        else if (type === 'accept') {
          for (const { id } of (await ada.proposals.list()).slice(0, 1)) await ada.proposals.accept(id)
        } else if (type === 'file')
          await ada.sources.add({
            ...{ name: `guide ${subject}.md`, text: `# Kiln ${text}\n\nIt is hot.\n\n## Glaze\n\nDE${text}89 blue.\n` },
          })
        else if (type === 'answer')
          await ada.add([{ id: `a${subject}`, kind: 'ask', text: `answer ${text}`, importance: text / 3 }], {
            ...{ source: { type: 'ask', ref: `thread ${subject}`, hash: 'x' }, replaces: true },
          })
        else if (type === 'forget' && text === 0) await ada.forget({ subject: `subject ${subject}` })
        else {
          const [newest] = await ada.list({ limit: 1 })
          const [change] = await ada.changes.list({ limit: 1 })
          if (type === 'forget' && newest) await ada.forget({ id: newest.id })
          if (type === 'pin' && newest) await ada.pin(newest.id, !newest.pinned).catch(() => {})
          if (type === 'undo' && change) await ada.changes.undo(change.change).catch(() => {})
        }
      }
      const report = await copy.transfer.import(pieces(await exported(ada)))
      const changes = (await copy.changes.list()).length
      expect(await copy.transfer.import(pieces(await exported(ada)))).toMatchObject({ added: 0, skipped: 0 })
      expect(await exported(copy)).toBe(await exported(ada))
      const compare = async (owner: OwnerMemory, other: OwnerMemory) => {
        for (let at = begin - 4; at <= clock.now; at++)
          for (const when of [{ asOf: at }, { asOf: at, knownAt: at }, { asOf: clock.now, knownAt: at }])
            expect(await owner.list(when)).toEqual(await other.list(when))
        for (const text of ['fact note answer 1', 'Glaze', 'DE189 subject']) {
          const found = async (one: OwnerMemory) => (await one.search({ text })).records
          expect(await found(owner)).toEqual(await found(other))
        }
        for (const { id } of await other.list()) {
          const history = async (one: OwnerMemory) => (await one.get(id)).history
          expect(await history(owner)).toEqual(await history(other))
        }
      }
      await compare(copy, ada)
      expect((await copy.changes.list()).length).toBe(changes)
      if (report.change !== undefined) await copy.changes.undo(report.change)
      if (report.change !== undefined) await compare(copy, memory('nobody'))
    }),
    {
      ...runs(6),
      examples: [
        [[{ ...plain, text: 0 }, plain, { ...plain, type: 'forget' as const }]],
        [
          [
            plain,
            { ...plain, type: 'work' as const },
            { ...plain, type: 'file' as const },
            { ...plain, type: 'accept' },
          ],
        ],
      ],
    },
  )
})

test('a memory whose clock was ahead is exported, and imported at once', async () => {
  const { memory, clock } = openFile()
  const [ada, eve] = [memory(), memory('eve')]
  clock.now = 9_000_000
  await ada.add([{ subject: 'home', text: 'Rome' }, { text: 'a note' }])
  clock.now = 2_000
  expect(await eve.transfer.import(pieces(await exported(ada)))).toMatchObject({ added: 2 })
  await eve.add([{ subject: 'home', text: 'Oslo' }])
  expect((await eve.list()).map(({ text }) => text).sort()).toEqual(['Oslo', 'a note'])
})

test('a file from the future is refused: what was forgotten since would come back', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  clock.now = 5_000
  await ada.add([{ id: 'a', text: 'quokka' }])
  const file = await exported(ada)
  clock.now = 2_000
  await ada.forget({ id: 'a' })
  for (const dryRun of [true, false])
    await expect(ada.transfer.import(pieces(file), { dryRun })).rejects.toMatchObject({
      code: 'invalid_input',
      message: 'Line 1: exportedAt: expected a time that is not in the future. Nothing was imported.',
      hint: expect.stringContaining('--with-forgotten'),
    })
  expect(await ada.list()).toEqual([])
  expect(await ada.transfer.import(pieces(file), { withForgotten: true })).toMatchObject({ added: 1 })
})

const note = (id: string, text: string, learnedAt = 500) => ({ id, text, learnedAt })
const counts = { added: 0, same: 0, skipped: 0, replaced: 0, forgotten: 0 }

test('a line that is wrong is named, and nothing is imported', async () => {
  const { memory, folder } = openFile()
  const refused = [
    ['{"id":"b","text":" "}', 'Line 3: text'],
    ['{"id":"b","text":"b"', 'Line 3: expected JSON'],
    ['{"id":"b","text":"b","learnedAt":1001}', 'Line 3: learnedAt: expected a time that is not in the future'],
    ['{"id":"b","text":"b","learnedAt":9,"withdrawnAt":8}', 'Line 3: withdrawnAt'],
    ['{"id":"b","text":"b","subject":"s","learnedAt":9,"validTo":8}', 'Line 3: validTo'],
    ['{"id":"a","text":"other"}', 'Line 3: the record a has other content than an earlier line'],
    [`{"id":"b","text":"${'b'.repeat(2 * 1024 * 1024)}"}`, 'Line 3: expected at most 2097152 characters'],
  ] as const
  for (const [line, words] of refused) {
    const bad = memory().transfer.import(pieces([HEAD, '{"id":"a","text":"quokka"}', line].join('\n'), 100_000))
    await expect(bad).rejects.toMatchObject({ message: expect.stringContaining(words) })
  }
  expect(await exported(memory())).toContain('"records":0')
  expect(await memory().changes.list()).toEqual([])
  expect(readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes('quokka'))).toBe(false)
})

test('a file that is not a whole export is refused', async () => {
  const { memory } = openFile()
  const refused = [
    ['', 'Line 1: expected the first line of an export, got an empty file'],
    ['{"text":"a"}\n', 'Line 1: format'],
    ['{"format":"antiphon-memory/1","exportedAt":1,"records":2}\n{"text":"a"}', 'expected 2 records'],
    [`${HEAD}\n\xff`, 'expected UTF-8 text'],
  ] as const
  async function* latin(text: string) {
    yield Buffer.from(text, 'latin1')
  }
  for (const [text, words] of refused)
    await expect(memory().transfer.import(latin(text))).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining(words),
    })
})

test('a conflict is refused, skipped, or won by the newer record, and an undo brings the older one back', async () => {
  const { memory } = openFile()
  const ada = memory()
  await ada.add([{ id: 'a', text: 'mine' }])
  const theirs = (learnedAt: number) => lines(note('a', 'theirs', learnedAt), note('b', 'more'))
  await expect(ada.transfer.import(theirs(500))).rejects.toMatchObject({
    code: 'record_conflict',
    message: expect.stringContaining('Line 2'),
    data: { line: 2 },
  })
  expect((await ada.list()).map(({ text }) => text)).toEqual(['mine'])
  const dry = await ada.transfer.import(theirs(500), { onConflict: 'skip', dryRun: true })
  expect(dry).toEqual({ ...counts, added: 1, skipped: 1, dryRun: true })
  expect(await ada.transfer.import(theirs(500), { onConflict: 'newer' })).toEqual({
    ...counts,
    added: 1,
    skipped: 1,
    change: 2,
  })
  await ada.changes.undo(2)
  const eve = memory('eve')
  await eve.transfer.import(lines(note('a', 'older', 100)))
  const { change, ...newer } = await eve.transfer.import(theirs(500), { onConflict: 'newer' })
  expect(newer).toEqual({ ...counts, added: 2, replaced: 1 })
  expect((await eve.list()).map(({ text }) => text).sort()).toEqual(['more', 'theirs'])
  expect((await eve.list({ knownAt: 499, asOf: 499 })).map(({ text }) => text)).toEqual(['older'])
  expect((await eve.search({ text: 'older' })).records).toEqual([])
  await eve.changes.undo(change!)
  expect((await eve.list()).map(({ text }) => text)).toEqual(['older'])
  expect((await eve.search({ text: 'older theirs' })).records).toHaveLength(1)
  expect((await ada.list()).map(({ text }) => text)).toEqual(['mine'])
})

test('records that were forgotten after the export stay away, unless a person wants them', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.add([
    { id: 'a', text: 'quokka' },
    { id: 'b', text: 'wombat', space: 'zoo' },
  ])
  const file = await exported(ada)
  clock.now = 2000
  await ada.forget({ id: 'a' })
  await ada.forget({ space: 'zoo' })
  expect(await ada.transfer.import(pieces(file))).toEqual({ ...counts, forgotten: 2 })
  expect(await ada.list()).toEqual([])
  expect(await ada.transfer.import(pieces(file), { withForgotten: true })).toMatchObject({ added: 2 })
  expect(await memory('eve').transfer.import(pieces(file))).toMatchObject({ added: 2 })
})

test('an erasure during an export or an import ends it', async () => {
  const { memory, calls } = openFile()
  const ada = memory()
  await ada.add([{ text: 'a' }, { text: 'b' }])
  const pieces = ada.transfer.export()[Symbol.asyncIterator]()
  await pieces.next()
  await ada.forget({ all: true })
  await expect(pieces.next()).rejects.toMatchObject({ code: 'erased_meanwhile' })
  await ada.add([{ text: 'c' }])
  const ofNobody = ada.transfer.export()[Symbol.asyncIterator]()
  await ofNobody.next()
  await calls().write('ada', 'forgetOwner', {})
  await expect(ofNobody.next()).rejects.toMatchObject({ code: 'erased_meanwhile' })
  async function* slow() {
    yield* lines(note('a', 'a'))
    await ada.forget({ id: 'other' })
  }
  await expect(ada.transfer.import(slow())).rejects.toMatchObject({ code: 'forgotten' })
  async function* raced() {
    yield* lines(note('a', 'a'))
    for (let at = 0; at < 500; at++) yield `\n${JSON.stringify(note(`n${at}`, 'n'))}`
    await ada.add([{ id: 'a', text: 'other' }])
  }
  await expect(ada.transfer.import(raced())).rejects.toMatchObject({ code: 'record_conflict' })
  expect((await ada.list()).map(({ text }) => text)).toEqual(['other'])
})

test('an import with an id acts once, also after an undo', async () => {
  const { memory } = openFile()
  const ada = memory()
  const first = await ada.transfer.import(lines(note('a', 'a')), { id: 'one' })
  await ada.changes.undo(first.change!)
  expect(await ada.transfer.import(lines(note('a', 'a')), { id: 'one' })).toEqual(first)
  expect(await ada.list()).toEqual([])
  expect((await ada.changes.list()).map(({ cause }) => cause)).toEqual([
    { type: 'person' },
    { type: 'import', id: 'one' },
  ])
  expect(await ada.transfer.import(lines(note('a', 'a')))).toMatchObject({ added: 1 })
})

test('an import that another process has dropped shows nothing', async () => {
  const { memory, path } = openFile()
  async function* slow() {
    yield* lines(...Array.from({ length: 500 }, (_, place) => note(`n${place}`, 'n')))
    const other = openConnection(path, 'write')
    dropStagings(other)
    other.close()
    yield `\n${JSON.stringify(note('last', 'n'))}`
  }
  await expect(memory().transfer.import(slow())).rejects.toMatchObject({ code: 'storage' })
  expect(await memory().list()).toEqual([])
})

test('pins that are too long together are not imported', async () => {
  const { memory } = openFile()
  const ada = memory()
  const pin = (id: string, validFrom: number) => ({
    ...note(id, 'p'.repeat(1500)),
    subject: 'home',
    validFrom,
    pinned: true,
  })
  expect(await ada.transfer.import(lines(pin('a', 1), pin('b', 2)))).toMatchObject({ added: 2 })
  const more = ada.transfer.import(lines({ ...pin('c', 3), subject: 'work' }))
  await expect(more).rejects.toMatchObject({ code: 'pins_full' })
  expect(await ada.list()).toHaveLength(1)
})

test('a withdrawn record that is imported is not there twice at any time', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  const { change } = await ada.add([{ id: 'a', text: 'a' }])
  const file = await exported(ada)
  clock.now = 2000
  await ada.changes.undo(change!)
  clock.now = 3000
  await ada.transfer.import(pieces(file))
  for (const [knownAt, there] of [
    [999, 0],
    [1999, 1],
    [3000, 1],
  ] as const)
    expect(await ada.list({ knownAt })).toHaveLength(there)
})
