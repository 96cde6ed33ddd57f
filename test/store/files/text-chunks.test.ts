import { expect, test } from 'vitest'
import { textChunks } from '../../../src/store/files/text-chunks.ts'

test('pieces of a text are the text, and none ends in the middle of a character', () => {
  const text = `${'x'.repeat(256 * 1024 - 1)}😀${'ä😀'.repeat(200_000)}`
  const pieces = [...textChunks(text)]
  expect(pieces.length).toBeGreaterThan(2)
  expect(pieces.join('') === text).toBe(true)
  expect(Buffer.concat(pieces.map((piece) => Buffer.from(piece))).equals(Buffer.from(text))).toBe(true)
  expect([...textChunks('')]).toEqual([])
})
