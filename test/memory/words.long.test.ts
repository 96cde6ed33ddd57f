import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { add } from '../../src/memory/store/add.ts'
import { openConnection } from '../../src/memory/store/connection.ts'
import { conditionOf } from '../../src/memory/store/filter.ts'
import { rankByWords } from '../../src/memory/store/search/search.ts'
import { rareTokens } from '../../src/memory/store/words.ts'
import { termsOf } from '../../src/model/text/terms.ts'
import { fc, runs } from '../property.ts'

function openHere() {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const connection = openConnection(join(folder, 'memory.db'), 'write')
  onTestFinished(() => {
    connection.close()
    rmSync(folder, { recursive: true })
  })
  return connection
}

/** Small words of several languages, ids, and letters of several scripts, joined as names and ids are. */
const piece = fc.oneof(
  fc.constantFrom(
    'de',
    'ES',
    'os',
    'il',
    'una',
    'Qui',
    'wer',
    'the',
    'A',
    'IT',
    'je',
    'да',
    'кто',
    'straße',
    'İz',
    'é',
  ),
  fc.constantFrom('how', 'much', 'need', 'readFile', 'Kiln', 'किराया', '東京', 'ไทย', '発明', 'Ünal', 'o’clock'),
  fc.stringMatching(/^[A-Za-z0-9]{1,6}$/),
  fc.nat().map(String),
)
const token = fc
  .array(fc.tuple(piece, fc.constantFrom('', '', '-', '_', '.', '+', "'")), { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.map(([text, end], at) => (at === pieces.length - 1 ? text : text + end)).join(''))

test('each token of a stored text finds it', () => {
  const connection = openHere()
  let now = 0
  fc.assert(
    fc.property(fc.array(token, { minLength: 1, maxLength: 6 }), (tokens) => {
      const text = tokens.join(' ')
      const id = `r${++now}`
      add(connection, `ada ${now}`, [{ id, text }], {}, now)
      for (const asked of [...tokens, text]) {
        // English texts are full of these words, so they are not in the index beside others
        if (asked !== text && termsOf(asked).length === 0) continue
        const found = rankByWords(
          connection,
          now,
          asked,
          conditionOf(now, {}, now),
          { candidates: 9, terms: 1 },
          () => 1,
        )
        expect([asked, found.map((one) => one.id)]).toEqual([asked, [id]])
      }
    }),
    runs(50),
  )
})

test('counts of words belong to one owner', () => {
  const connection = openHere()
  add(connection, 'ada', [{ text: 'kiln glaze' }, { text: 'kiln' }], {}, 1)
  const alone = rareTokens(connection, 1, 'kiln glaze clay', () => 2)
  expect(alone).toHaveLength(2)
  const others = ['glaze red', 'glaze blue', 'glaze green', 'clay'].map((text) => ({ text }))
  add(connection, 'eve', others, {}, 2)
  expect(rareTokens(connection, 1, 'kiln glaze clay', () => 2)).toEqual(alone)
})

test('the count of a frequent word is kept until the records have changed by a hundredth', () => {
  const connection = openHere()
  const texts = (count: number, from: number) =>
    Array.from({ length: count }, (_, place) => ({ text: `kiln ${from + place}` }))
  add(connection, 'ada', texts(5_000, 0), {}, 1)
  const kilns = (documents: number) => rareTokens(connection, 1, 'kiln', () => documents)[0]!.records
  expect(kilns(5_000)).toBe(5_000)
  add(connection, 'ada', texts(100, 5_000), {}, 2)
  expect([kilns(5_050), kilns(5_100), kilns(5_051)]).toEqual([5_000, 5_100, 5_100])
})
