import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { type PackedFile, packUnits, unitsOf } from '../../src/source/document.ts'
import { keepReading, readDocument, readTextDocument } from '../../src/source/source.ts'
import { passagesOf, splitUnits } from '../../src/source/split.ts'

test('a text becomes a document with the facts about its file', async () => {
  const bytes = Buffer.from('\ufeff# Tides\r\n\r\nEbb comes.\r\n')
  const document = await readDocument('tides.md', bytes)
  const text = '# Tides\r\n\r\nEbb comes.\r\n'
  expect(document).toEqual({
    type: 'text/markdown',
    modality: 'text',
    places: 'lines',
    metadata: { hash: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
    text,
    units: expect.anything(),
    gaps: [],
  })
  expect(unitsOf(document)).toEqual(splitUnits('tides.md', text))
  expect(passagesOf(document)).toEqual([{ text: 'Ebb comes.', locator: 'L3', heading: 'Tides' }])
  expect((await readDocument('tides.ts', bytes)).modality).toBe('code')
})

test('a guess about the encoding is a gap', async () => {
  const { gaps, text } = await readDocument('a.txt', Buffer.from('The caf\xe9 opens at noon.', 'latin1'))
  expect(text).toBe('The café opens at noon.')
  expect(gaps).toEqual([expect.stringContaining('it was read as windows-1252')])
})

test('a file that is not a text is refused', async () => {
  await expect(readDocument('a.txt', Buffer.from('a\0b'))).rejects.toMatchObject({
    name: 'TerminalError',
    message: 'it is not a text file',
  })
})

test('the same bytes are read once, and changed ones anew', async () => {
  const text = `The tide ${'rises '.repeat(20)}.`
  const [first, again] = [await readDocument('a.md', Buffer.from(text)), await readDocument('b.md', Buffer.from(text))]
  expect(again.units).toBe(first.units)
  const [other, changed] = [
    await readDocument('a.csv', Buffer.from(text)),
    await readDocument('a.md', Buffer.from(`${text}!`)),
  ]
  expect([other.units, changed.units].includes(first.units)).toBe(false)
})

test('readings are bounded by their size', async () => {
  const file = (size: number): PackedFile => {
    const text = 'x'.repeat(size)
    const facts = { type: 'text/plain', modality: 'text', places: 'lines', metadata: {}, gaps: [] } as const
    return { ...facts, text, units: packUnits(text, []) }
  }
  const read = vi.fn(() => file(12 * 1024 * 1024))
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await keepReading(`test ${key}`, read)
  // b was used least when c came
  expect(read).toHaveBeenCalledTimes(4)
})

test('a text that came with a question is read as a page if its name says so', async () => {
  const page = await readTextDocument('a.html', '<h1>Tides</h1><p>Ebb comes, and flow goes, twice a day.</p>')
  expect([page.places, page.text]).toEqual(['words', expect.stringContaining('Ebb comes')])
  expect(await readTextDocument('a.pdf', 'Ebb comes.')).toMatchObject({ places: 'lines', text: 'Ebb comes.' })
})
