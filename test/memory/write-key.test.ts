import { expect, test } from 'vitest'
import { openFile } from './folder.ts'

test('an add with a key is made once: also after a newer fact, an undo and an acceptance', async () => {
  const { memory, clock } = openFile()
  const source = { type: 'model', ref: 'agents/clerk' } as const
  const cause = { type: 'goal', id: 'g' } as const
  const add = (text: string, key: string, subject = 'home') =>
    memory().add([{ text, subject }], { source, cause, key, begunAt: 1_000 })
  const berlin = await add('Berlin', 'one')
  await add('Oslo', 'two')
  expect(await add('Berlin', 'one')).toEqual(berlin)
  expect((await memory().list()).map(({ text }) => text)).toEqual(['Oslo'])
  await memory().changes.undo(2)
  expect(await add('Oslo', 'two')).toMatchObject({ records: [{ status: 'added' }], change: 2 })
  expect((await memory().list()).map(({ text }) => text)).toEqual(['Berlin'])
  // another call may say the same again
  expect(await add('Oslo', 'three')).toMatchObject({ change: 4 })
  await memory().add([{ text: 'blue', subject: 'glaze' }])
  const { records } = await add('red', 'four', 'glaze')
  expect((await add('red', 'four', 'glaze')).records).toEqual([{ id: records[0]!.id, status: 'proposed' }])
  await memory().proposals.accept(records[0]!.id)
  // the change of the person is not one that the call made
  expect(await add('red', 'four', 'glaze')).toEqual({ records: [{ id: records[0]!.id, status: 'added' }] })
  clock.now = 2_000
  await memory().forget({ subject: 'home' })
  await expect(add('Berlin', 'one')).rejects.toMatchObject({ code: 'forgotten' })
})
