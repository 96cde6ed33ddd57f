import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readDocument } from '../../src/source/source.ts'
import { passagesOf, splitUnits } from '../../src/source/split.ts'
import { unitsOf } from '../../src/source/units.ts'

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
  expect(gaps).toEqual([expect.stringContaining('a.txt was read as windows-1252')])
})

test('a file that is not a text is refused', async () => {
  await expect(readDocument('a.txt', Buffer.from('a\0b'))).rejects.toMatchObject({
    name: 'TerminalError',
    message: 'it is not a text file',
  })
})
