import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { add } from '../../src/memory/store/add.ts'
import { openConnection } from '../../src/memory/store/connection.ts'
import { rareTokens } from '../../src/memory/store/words.ts'

test('counts of words belong to one owner', () => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const connection = openConnection(join(folder, 'memory.db'), 'write')
  onTestFinished(() => {
    connection.close()
    rmSync(folder, { recursive: true })
  })
  add(connection, 'ada', [{ text: 'kiln glaze' }, { text: 'kiln' }], {}, 1)
  const alone = rareTokens(connection, 1, 'kiln glaze clay')
  expect(alone).toHaveLength(2)
  const others = ['glaze red', 'glaze blue', 'glaze green', 'clay'].map((text) => ({ text }))
  add(connection, 'eve', others, {}, 2)
  expect(rareTokens(connection, 1, 'kiln glaze clay')).toEqual(alone)
})
