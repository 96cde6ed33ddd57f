import { expect, test, vi } from 'vitest'
import { checkSameUse, createEnvelope, idUse, newId } from '../../src/engine/envelope.ts'

const to = { kind: 'counter', key: 'one' }

test('an id is good for one use only: another actor, or an answer where none was asked for, is refused', () => {
  const told = idUse(to, false)
  checkSameUse(told, idUse(to, false), 'x')
  for (const other of [idUse(to, true), idUse({ ...to, key: 'two' }, false), idUse({ ...to, kind: 'other' }, false)])
    expect(() => checkSameUse(told, other, 'x')).toThrow(/The id x belongs to another request/)
})

test('an id that is made is made once, also by another process', async () => {
  const made = Array.from({ length: 1_000 }, newId)
  vi.resetModules()
  const other = await import('../../src/engine/envelope.ts')
  const all = [...made, ...Array.from({ length: 1_000 }, other.newId)]
  expect(new Set(all).size).toBe(2_000)
})

test.each([
  ['', /^The id of a message to counter is empty\.$/],
  [7 as unknown as string, /The id of a message to counter must be a text\./],
])('an id that none was meant by is refused: all that have none would be one', (id, message) => {
  expect(() => createEnvelope(to, null, 0, { id })).toThrow(message)
})
