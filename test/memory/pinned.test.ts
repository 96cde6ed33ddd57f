import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openFile } from './folder.ts'

test('pinned records have 2,000 characters in all; what would pass that is not pinned, and not added', async () => {
  const { memory } = openFile()
  const ada = memory()
  await memory('bob').add([{ text: 'b'.repeat(2000), pinned: true }])
  await ada.add([{ id: 'long', text: '🌙'.repeat(1990), pinned: true }])
  await ada.add([{ id: 'fact', subject: 'home', text: 'Rome', pinned: true }])
  const full = { code: 'pins_full', hint: expect.stringContaining('Unpin') }
  await expect(ada.add([{ id: 'more', text: 'abc', pinned: true }])).rejects.toMatchObject(full)
  await expect(ada.get('more')).rejects.toMatchObject({ code: 'not_found' })
  await ada.add([{ id: 'fact', subject: 'home', text: 'Rome', pinned: true }])
  await ada.add([{ id: 'more', text: 'abc' }])
  await expect(ada.pin('more', true)).rejects.toMatchObject(full)
  await ada.pin('long', false)
  const [unpinned] = await ada.changes.list()
  await ada.pin('more', true)
  await expect(ada.changes.undo(unpinned!.change)).rejects.toMatchObject(full)
  await ada.pin('more', false)
  expect(await ada.changes.undo(unpinned!.change)).toMatchObject({ type: 'undo' })
})

test('a record names the answers that cite it, once each, until it is forgotten', async () => {
  const { memory, path, close } = openFile()
  const ada = memory()
  await ada.add([{ id: 'kiln', text: 'The kiln reaches 900 degrees' }])
  await memory('bob').add([{ id: 'kiln', text: 'The kiln of Bob' }])
  const cites = { ask: 'ask_secret', thread: 'pottery', records: ['kiln', 'none'] }
  const cited = { ask: 'ask_secret', thread: 'pottery', at: 1000 }
  for (const _ of [1, 2]) expect(await ada.add([], { cites })).toEqual({ records: [] })
  expect((await ada.get('kiln')).citedBy).toEqual([cited])
  expect((await memory('bob').get('kiln')).citedBy).toEqual([])
  await ada.forget({ id: 'kiln' })
  await ada.add([{ id: 'kiln', text: 'The kiln reaches 900 degrees' }])
  expect((await ada.get('kiln')).citedBy).toEqual([])
  await close()
  expect(readFileSync(path).includes('ask_secret')).toBe(false)
})
