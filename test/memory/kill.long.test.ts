import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openFile } from './folder.ts'

const CHILD = new URL('killed-child.ts', import.meta.url).pathname
const DOCUMENTS = new URL('killed-documents.ts', import.meta.url).pathname
const IMPORTING = new URL('killed-import.ts', import.meta.url).pathname

async function run(path: string, moment: string, at: number, program = CHILD): Promise<readonly string[]> {
  const child = spawn(process.execPath, [program, path, moment, String(at)], { stdio: ['ignore', 'pipe', 'inherit'] })
  return (await text(child.stdout)).trim().split('\n')
}

/** The transactions of the child: two adds, the begin of the erasure, two portions, one that finds nothing, the report. */
const TRANSACTIONS = 7

async function check(moment: string, at: number): Promise<void> {
  const { path, folder, memory, close } = openFile()
  const acknowledged = await run(path, moment, at)
  const ada = memory('ada')
  const ids = (await ada.list({ limit: 1000 })).map(({ id }) => id)
  const isForgotten = acknowledged.includes('forgotten')
  if (acknowledged.includes('stays')) expect(ids).toContain('stays')
  if (acknowledged.includes('secrets') && !isForgotten)
    expect([120, 0]).toContain(ids.filter((id) => id !== 'stays').length)
  if (isForgotten) expect(ids).toEqual(['stays'])
  await ada.add([{ id: 'stays', text: 'The glaze is blue', subject: 'glaze' }])
  await ada.forget({ space: 'work' })
  expect((await ada.list()).map(({ id }) => id)).toEqual(['stays'])
  expect((await ada.stats()).pending).toBe(0)
  await close()
  const token = 'xylograph'
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    expect([name, bytes.includes('Xylographic'), bytes.includes(token)]).toEqual([name, false, false])
  }
}

test.each(['before', 'inside', 'after'])(
  'killed %s each transaction, it loses and resurrects nothing',
  async (moment) => {
    await Promise.all(Array.from({ length: TRANSACTIONS }, (_, place) => check(moment, place + 1)))
  },
  60_000,
)

test('without a kill, the child does all of it', async () => {
  const { path } = openFile()
  expect(await run(path, 'after', 99)).toEqual(['stays', 'secrets', 'forgotten', `done after ${TRANSACTIONS}`])
})

/** The transactions of an import of two portions: its begin, the portions, and the one that shows them. */
const IMPORTS = 4

test.each(['before', 'inside', 'after'])(
  'killed %s each transaction, an import shows all or nothing, and its repetition doubles nothing',
  async (moment) => {
    await Promise.all(
      Array.from({ length: IMPORTS }, async (_, place) => {
        const { path, folder, clock, memory, close } = openFile()
        clock.now = 3000
        expect(await run(path, moment, place + 1, IMPORTING)).toEqual([''])
        const all = moment === 'after' && place + 1 === IMPORTS
        const ada = memory('ada')
        expect((await ada.stats()).records).toBe(all ? 700 : 0)
        await ada.forget({ id: 'none' })
        if (!all)
          for (const name of readdirSync(folder))
            expect(readFileSync(join(folder, name)).includes('Xylographic')).toBe(false)
        await close()
        expect(await run(path, 'after', 99, IMPORTING)).toEqual([expect.stringMatching(/^700 after/)])
      }),
    )
  },
  60_000,
)

async function checkDocuments(moment: string, at: number): Promise<void> {
  const { path, memory, close, reopen } = openFile()
  const acknowledged = await run(path, moment, at, DOCUMENTS)
  const held = async () => {
    const sources = await memory().sources.list()
    // each document is there as a whole
    expect(sources.map(({ records }) => records)).toEqual(sources.map(() => 3))
    expect(await memory().list()).toHaveLength(3 * sources.length)
    return sources.map(({ ref }) => ref.slice('/docs/'.length)).join('')
  }
  const parts = await held()
  if (acknowledged.includes('2') && !acknowledged.includes('3')) expect(['abc', 'ab']).toContain(parts)
  if (acknowledged.includes('3')) expect(parts).toBe('ab')
  await close()
  expect((await run(path, moment, 99, DOCUMENTS)).at(-1)).toBe('done after 3')
  await reopen()
  expect((await memory().list()).filter(({ text }) => text.includes('version 1'))).toEqual([])
  expect(await memory().list()).toHaveLength(6)
}

test.each(['before', 'inside', 'after'])(
  'killed %s each transaction, documents are whole, and a repeated import doubles nothing',
  async (moment) => {
    await Promise.all([1, 2, 3].map((at) => checkDocuments(moment, at)))
  },
  60_000,
)
