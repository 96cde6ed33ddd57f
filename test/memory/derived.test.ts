import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { OwnerMemory } from '../../src/memory/memory.ts'
import type { MadeOf } from '../../src/memory/record.ts'
import { openFile } from './folder.ts'

/** Adds an answer that was made of records and files. */
const answer = (memory: OwnerMemory, id: string, { records = [], files = [] }: Partial<MadeOf>, begunAt?: number) =>
  memory.add([{ id, kind: 'ask', text: `The answer ${id}.` }], {
    source: { type: 'ask', ref: `ask_${id}`, madeOf: { records, files } },
    ...(begunAt !== undefined && { begunAt }),
  })

const idsOf = async (memory: OwnerMemory) => (await memory.list()).map(({ id }) => id).sort()

test('an answer is forgotten with the record that it was made of, and so is an answer made of that answer', async () => {
  const { memory, path, close } = openFile()
  const ada = memory()
  await ada.add([{ id: 'kiln', text: 'The kiln reaches 900 degrees.' }])
  await ada.add([{ id: 'moon', text: 'The moon is made of basalt.' }])
  await answer(ada, 'first', { records: ['kiln'] })
  await answer(ada, 'second', { records: ['first'] })
  await answer(ada, 'other', { records: ['moon'] })
  const derived = ['first', 'second'].map((id) => ({ id, kind: 'ask', ask: `ask_${id}` }))
  expect(await ada.forget({ id: 'kiln' }, { dryRun: true })).toMatchObject({ removed: { records: 3 }, derived })
  expect(await ada.forget({ id: 'kiln' })).toMatchObject({ status: 'done', removed: { records: 3 }, derived })
  expect(await idsOf(ada)).toEqual(['moon', 'other'])
  await close()
  expect(readFileSync(path).includes('The answer first')).toBe(false)
})

test.each([
  { by: 'source', target: { source: '/docs' } },
  { by: 'space', target: { space: 'work' } },
  { by: 'kind', target: { kind: 'passage' } },
  { by: 'subject', target: { subject: 'tower' } },
])('forgetting by $by takes along what was made of it', async ({ target }) => {
  const ada = openFile().memory()
  await ada.add([{ id: 'p', kind: 'passage', space: 'work', text: 'one' }], {
    source: { type: 'file', ref: '/docs/a' },
  })
  await ada.add([{ id: 'f', subject: 'tower', space: 'work', text: 'two' }], {
    source: { type: 'file', ref: '/docs/b' },
  })
  await answer(ada, 'of-p', { records: ['p'], files: ['/docs/a'] })
  await answer(ada, 'of-f', { records: ['f'], files: ['/docs/b'] })
  await answer(ada, 'of-other', { files: ['/docs-of-bob/a'] })
  const before = await idsOf(ada)
  await ada.forget(target)
  const left = await idsOf(ada)
  expect(left).toContain('of-other')
  for (const [of, made] of [
    ['p', 'of-p'],
    ['f', 'of-f'],
  ] as const)
    expect([before.includes(made), left.includes(made)]).toEqual([true, left.includes(of)])
})

test('an answer that began before its source was forgotten is refused', async () => {
  const { memory, clock } = openFile()
  const ada = memory()
  await ada.add([{ id: 'kiln', text: 'The kiln reaches 900 degrees.' }])
  clock.now = 2_000
  await ada.forget({ id: 'kiln' })
  await ada.forget({ source: '/docs' })
  const refused = { code: 'forgotten' }
  await expect(answer(ada, 'of-record', { records: ['kiln'] }, 1_500)).rejects.toMatchObject(refused)
  await expect(answer(ada, 'of-file', { files: ['/docs/kiln.md'] }, 1_500)).rejects.toMatchObject(refused)
  await answer(ada, 'of-another', { files: ['/other.md'] }, 1_500)
  expect(await idsOf(ada)).toEqual(['of-another'])
})

test('records derived from a file go when the file is gone, and stay when it only changes', async () => {
  const docs = realpathSync(mkdtempSync(join(tmpdir(), 'docs-')))
  onTestFinished(() => rmSync(docs, { recursive: true }))
  const at = (name: string) => join(docs, name)
  writeFileSync(at('kiln.txt'), 'The kiln reaches 900 degrees.')
  writeFileSync(at('moon.txt'), 'The moon is made of basalt.')
  const ada = openFile().memory()
  await ada.sources.add({ path: docs })
  const passages = await ada.list()
  const passageOf = (name: string) => passages.find(({ source }) => source.ref === at(name))!.id
  await answer(ada, 'of-kiln', { records: [passageOf('kiln.txt')], files: [at('kiln.txt')] })
  await answer(ada, 'of-moon', { records: [passageOf('moon.txt')], files: [at('moon.txt')] })
  writeFileSync(at('kiln.txt'), 'The kiln of Ada reaches 950 degrees.')
  expect((await ada.sources.add({ path: docs })).derived).toBeUndefined()
  rmSync(at('moon.txt'))
  expect(await ada.sources.add({ path: docs })).toMatchObject({ dropped: 1, removed: 1, derived: 1 })
  expect((await ada.list({ kind: 'ask' })).map(({ id }) => id)).toEqual(['of-kiln'])
})

test('records derived from a record expire with it, and stay when it is only the oldest one', async () => {
  const { memory, calls, clock } = openFile()
  const ada = memory()
  await ada.add([{ id: 'code', text: 'The code of the door is 4711.', expires: 2_000 }])
  await ada.add([{ id: 'old', text: 'The oldest record.' }])
  await answer(ada, 'of-code', { records: ['code'] })
  await answer(ada, 'of-old', { records: ['old'] })
  clock.now = 3_000
  await calls().write('ada', 'expirePortion', { keepRows: 1 })
  expect(await idsOf(ada)).toEqual(['of-old'])
})

test('an export carries what an answer was made of', async () => {
  const { memory } = openFile()
  const [ada, eve] = [memory('ada'), memory('eve')]
  await ada.add([{ id: 'kiln', text: 'The kiln reaches 900 degrees.' }])
  await answer(ada, 'of-kiln', { records: ['kiln'], files: ['/docs/kiln.md'] })
  await eve.transfer.import(ada.transfer.export())
  expect(await eve.forget({ source: '/docs/kiln.md' })).toMatchObject({ derived: [{ id: 'of-kiln' }] })
})
