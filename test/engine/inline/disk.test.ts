import { expect, test } from 'vitest'
import { addMail, copyDisk, type InlineDisk, inlineDisk, pendingMail } from '../../../src/engine/inline/disk.ts'
import type { Commit } from '../../../src/kernel/types.ts'
import { cell, envelope } from '../../kernel/fixtures.ts'

const NAME = 'counter/a'
const message = envelope()
const commit = (disk: InlineDisk, more: Partial<Commit>) =>
  disk.commit(NAME, { taken: message, cell: cell(), parts: {}, sends: [], events: [], ...more }, [])

test('a commit takes its message from the disk, with what was journaled of it', () => {
  const disk = inlineDisk()
  const other = envelope({ id: 'other' })
  for (const mail of [message, other]) addMail(disk, mail)
  disk.outcomes.set(message.id, new Map())
  commit(disk, {})
  expect(pendingMail(disk)).toEqual([other])
  expect(disk.outcomes.size).toBe(0)
})

test('events are numbered without gap, the first is one', () => {
  const disk = inlineDisk()
  commit(disk, { cell: cell({ events: 2 }), events: ['a', 'b'] })
  commit(disk, { cell: cell({ events: 3 }), events: ['c'] })
  expect(disk.events.get(NAME)?.map(({ n, body }) => [n, body])).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ])
})

test('an actor that ends takes its parts and events along', () => {
  const disk = inlineDisk()
  commit(disk, { parts: { a: 1 }, events: ['a', 'b'] })
  commit(disk, { cell: null })
  expect(disk).toMatchObject({ cells: new Map(), parts: new Map(), events: new Map() })
})

test('a copy stays as it is', () => {
  const disk = inlineDisk()
  addMail(disk, message)
  const copy = copyDisk(disk)
  commit(disk, { parts: { a: 1 }, events: ['a', 'b'] })
  expect(pendingMail(copy)).toEqual([message])
  expect(copy).toMatchObject({ cells: new Map(), parts: new Map(), events: new Map() })
})
