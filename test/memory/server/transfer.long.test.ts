import { expect, test } from 'vitest'
import { openServer } from './open.ts'

test('an import into a server is whole, although requests and answers are lost', async () => {
  const { memory, state } = await openServer({ nodes: 2 })
  state.fate = () => (state.requests % 5 === 0 ? 'drop-answer' : 'answer')
  async function* lines() {
    yield '{"format":"antiphon-memory/1","exportedAt":1,"records":601}'
    for (let place = 0; place < 600; place++) yield `\n{"id":"n${place}","text":"kiln ${place}","learnedAt":1}`
    yield '\n{"id":"berlin","text":"Berlin","subject":"home","learnedAt":1,"ends":[{"at":2,"knownAt":3}]}'
  }
  const ada = memory('ada', 0)
  const { change, ...counts } = await ada.transfer.import(lines())
  expect(counts).toMatchObject({ added: 601, same: 0 })
  expect(await memory('ada', 1).transfer.import(lines())).toMatchObject({ added: 0, same: 601 })
  const copy = memory('copy', 1)
  expect(await copy.transfer.import(ada.transfer.export())).toMatchObject({ added: 601 })
  expect((await copy.list({ asOf: 1, knownAt: 2, kind: 'fact' })).map(({ text }) => text)).toEqual(['Berlin'])
  expect(await copy.list({ kind: 'fact' })).toEqual([])
  await memory('ada', 1).changes.undo(change!)
  expect(await ada.list()).toEqual([])
  expect(await copy.list({ limit: 1000 })).toHaveLength(600)
})
