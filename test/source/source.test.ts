import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { readDocument } from '../../src/source/source.ts'

test('a text becomes a document with the facts about its file', async () => {
  const bytes = Buffer.from('\ufeff# Tides\r\n\r\nEbb comes.\r\n')
  expect(await readDocument('tides.md', bytes)).toEqual({
    type: 'text/markdown',
    modality: 'text',
    metadata: { hash: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length },
    passages: [{ text: 'Ebb comes.', locator: 'L3', heading: 'Tides' }],
    gaps: [],
  })
})

test('a guess about the encoding is a gap', async () => {
  const { gaps, passages } = await readDocument('a.txt', Buffer.from('The caf\xe9 opens at noon.', 'latin1'))
  expect(passages[0]!.text).toBe('The café opens at noon.')
  expect(gaps).toEqual([expect.stringContaining('a.txt was read as windows-1252')])
})

test('a file that is not a text is refused', async () => {
  await expect(readDocument('a.txt', Buffer.from('a\0b'))).rejects.toMatchObject({
    name: 'TerminalError',
    message: 'it is not a text file',
  })
})
