import { expect, test } from 'vitest'
import type { FoundRecords } from '../../src/memory/memory.ts'
import { testEncoder } from './encoder.ts'
import { openFile } from './folder.ts'

const idsOf = ({ records }: FoundRecords) => records.map(({ id }) => id)

test('a recall leaves out what shares one word only, unless it is near in meaning', async () => {
  const { encoder } = testEncoder()
  const { memory } = openFile(encoder)
  await memory().add([
    { id: 'two', text: 'the kiln glows while clay dries' },
    { id: 'near', text: 'oven kiln oven' },
    { id: 'one', text: 'clay of another river far away behind seven mountains' },
    { id: 'none', text: 'an invoice' },
  ])
  const text = 'kiln clay'
  expect(idsOf(await memory().search({ text })).toSorted()).toEqual(['near', 'none', 'one', 'two'])
  const recalled = await memory().search({ text, isRecall: true })
  expect(idsOf(recalled).toSorted()).toEqual(['near', 'two'])
  expect(recalled).not.toHaveProperty('coverage')
  // a text of one word cannot share two
  expect(idsOf(await memory().search({ text: 'mountains', isRecall: true }))).toEqual(['one'])
})

test('a recall scores the newest 50 records with the rarest word; a search scores 400', async () => {
  const { memory } = openFile()
  await memory().add([{ id: 'best', text: 'glaze glaze kiln' }])
  await memory().add(Array.from({ length: 60 }, (_, place) => ({ text: `kiln glaze and plate ${place}` })))
  const query = { text: 'the glaze of the kiln', limit: 5 }
  expect(idsOf(await memory().search(query))[0]).toBe('best')
  const recalled = idsOf(await memory().search({ ...query, isRecall: true }))
  expect([recalled.length, recalled.includes('best')]).toEqual([5, false])
  expect(idsOf(await memory().search({ ...query, limit: 10, isRecall: true }))[0]).toBe('best')
})
