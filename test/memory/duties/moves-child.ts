import { type MemoryConnection, openConnection } from '../../../src/memory/store/connection.ts'
import { ownerNumber } from '../../../src/memory/store/owners.ts'
import { moveRows, planMoves } from '../../../src/memory/store/upkeep/moves.ts'
import { tierRules } from '../../../src/memory/tier/rules.ts'

/** Moves what is due in portions of 100, and kills itself inside or after one of its transactions. */
const [path, at, now] = process.argv.slice(2) as [string, string, string]
let moment = 0

function killing(connection: MemoryConnection): MemoryConnection {
  const die = () => {
    if (++moment === Number(at)) process.kill(process.pid, 'SIGKILL')
  }
  return {
    ...connection,
    transaction(owner, work) {
      const result = connection.transaction(owner, () => {
        const inner = work()
        die()
        return inner
      })
      die()
      return result
    },
  }
}

const connection = killing(openConnection(path, 'write'))
const owner = ownerNumber(connection, 'ada')!
const rules = tierRules()
const { rids } = planMoves(connection, owner, { from: 'short', rules, limit: 5_000 }, Number(now))
for (let from = 0; from < rids.length; from += 100)
  moveRows(
    connection,
    owner,
    {
      rids: rids.slice(from, from + 100),
      from: 'short',
      to: 'intermediate',
      compression: rules.compression.intermediate!,
    },
    Number(now),
  )
