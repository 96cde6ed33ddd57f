import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { is } from '../../src/errors.ts'
import { DOCX_TYPE } from '../../src/source/document.ts'
import { readDocument } from '../../src/source/source.ts'
import { boundedOffload } from '../../src/worker/offload/offload.ts'
import { TIMES } from '../property.ts'
import { grown } from './grown.ts'
import { makeDocx, makePdf, makeZip } from './make-files.ts'
import { deflatedBlanks, makePdfOf, mutated, nestedZip } from './make-hostile.ts'

/** What became of a file: it was read, or the code of its refusal. Throws for an error without a name. */
async function outcomeOf(name: string, bytes: Buffer, type?: string): Promise<string> {
  try {
    await readDocument(name, bytes, type === undefined ? {} : { type })
    return 'read'
  } catch (error) {
    if (!is(error) || error.code === 'internal' || error.message === '') throw error
    return error.code
  }
}

const FLATE = 'FlateDecode'
const HEX = 'Flate#44ecode'
const blanks = deflatedBlanks(8192, 3)

test.each([
  ['deflated three times', 'a.pdf', () => makePdfOf(blanks, [FLATE, FLATE, FLATE])],
  ['under another name', 'a.pdf', () => makePdfOf(blanks, [HEX, HEX, HEX])],
  ['as a picture', 'a.pdf', () => makePdfOf(blanks, [FLATE, FLATE, FLATE], '/Subtype /Image ')],
  [
    'in hexadecimal digits',
    'a.pdf',
    () => makePdfOf(Buffer.from(blanks.toString('hex')), ['ASCIIHexDecode', HEX, HEX, HEX]),
  ],
  ['DOCX', 'a.docx', () => makeZip({ 'word/document.xml': Buffer.alloc(100_000_000) })],
  ['HTML of one huge tag', 'a.html', () => Buffer.from(`<p ${'a=1 '.repeat(500_000)}>`.padEnd(2_200_000, 'x'))],
])(
  'what explodes is refused by name: %s',
  async (_, name, make) => {
    const bytes = make()
    const { growth } = await grown(async () => expect(await outcomeOf(name, bytes)).toBe('too_large'))
    expect(growth).toBeLessThan(150)
  },
  120_000,
)

test('archives in archives are not opened, and what is nested too deeply has a name', async () => {
  const nested = nestedZip(8, makeDocx(['Ebb']))
  expect(await outcomeOf('a.docx', nested)).toBe('bad_value')
  // it has the entry of a DOCX, whatever its name says
  expect(await outcomeOf('a.zip', nested)).toBe('bad_value')
  expect(await outcomeOf('a.html', Buffer.from('<'.repeat(190_000)))).toMatch('too_large')
  expect(await outcomeOf('a.html', Buffer.from(`<p title="${'x'.repeat(2_000_000)}">Ebb`))).toBe('read')
})

// it ends at the deadline, which is half a minute for readers
test('a page that takes too long is refused by name: deep HTML', async () => {
  const job = { file: new URL('../../src/source/readers.ts', import.meta.url), name: 'parseFile' }
  const file = { type: 'text/html', name: 'a.html', bytes: Buffer.from('<div>'.repeat(190_000)) }
  const read = () => boundedOffload().run(job, file, { share: '', deadline: 2_000, what: 'Reading this file' })
  const { growth } = await grown(() => expect(read()).rejects.toMatchObject({ code: 'too_large' }))
  expect(growth).toBeLessThan(150)
})

const PAGE = Buffer.from(
  `<title>Tides</title><article>${'<h2 id="a">Moon</h2><p class=b>It <b>pulls</b>.</p>'.repeat(20)}`,
)
const COUNT = 100 * TIMES

test.each([
  ['a.pdf', makePdf(['Ebb comes.\nFlow goes.', 'The moon pulls.'], 'Tides'), undefined],
  ['b.pdf', makePdfOf(deflateSync(deflateSync('% Tides '.repeat(400))), [FLATE, FLATE]), undefined],
  ['a.docx', makeDocx(['# Tides', 'Ebb comes.', '# Moon']), DOCX_TYPE],
  ['a.html', PAGE, undefined],
  ['a.zip', nestedZip(2, makeDocx(['Ebb'])), DOCX_TYPE],
])(
  'files made of %s by changes are read or refused by name',
  async (name, file, type) => {
    const outcomes = new Map<string, number>()
    const { growth } = await grown(async () => {
      for (let seed = 0; seed < COUNT; seed++) {
        const outcome = await outcomeOf(name, mutated(file, seed), type)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }
    })
    expect([...outcomes.keys()].filter((code) => /worker_lost|cut_off/.test(code))).toEqual([])
    expect(outcomes.get('read') ?? outcomes.get('bad_value')).toBeGreaterThan(0)
    expect(growth).toBeLessThan(250)
  },
  120_000 * TIMES,
)
