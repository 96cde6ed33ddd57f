import { deepEqual, equal } from 'node:assert/strict'
import { checkIntegrity, killRepeatedly, openFileLedger } from 'antiphon/testing'

const ledger = openFileLedger('sums')
const sums: unknown[] = []

const kills = await killRepeatedly({
  program: 'count.mts',
  kills: 10,
  seed: 1,
  settings: ({ isLast }) => ({ isLast, done: sums.length }),
  inspect() {
    sums.push(...ledger.read())
    equal(checkIntegrity('.antiphon/engine.db'), 'ok')
  },
})
sums.push(...ledger.read())
deepEqual(sums, sums.map((_, index) => index + 1))
console.log(`${kills} kills, none of ${sums.length} visits lost or counted twice`)
