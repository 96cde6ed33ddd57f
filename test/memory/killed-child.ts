import { add } from '../../src/memory/store/add.ts'
import { type MemoryConnection, openConnection } from '../../src/memory/store/connection.ts'
import { beginErasure, erasePortion, settleErasures } from '../../src/memory/store/erase.ts'
import { ownerNumber } from '../../src/memory/store/owners.ts'

/** Adds and forgets, and kills itself at a moment of one of its transactions. Prints what is acknowledged. */
const [path, moment, at] = process.argv.slice(2) as [string, 'before' | 'inside' | 'after', string]
let transactions = 0

const killAt = (now: string) => {
  if (now === moment && transactions === Number(at)) process.kill(process.pid, 'SIGKILL')
}

function killing(connection: MemoryConnection): MemoryConnection {
  return {
    ...connection,
    transaction(owner, work) {
      transactions++
      killAt('before')
      const result = connection.transaction(owner, () => {
        const inner = work()
        killAt('inside')
        return inner
      })
      killAt('after')
      return result
    },
  }
}

const say = (line: string) => process.stdout.write(`${line}\n`)
const connection = killing(openConnection(path, 'write'))
add(connection, 'ada', [{ id: 'stays', text: 'The glaze is blue', subject: 'glaze' }], {}, 1)
say('stays')
const secrets = Array.from({ length: 120 }, (_, place) => ({
  id: `s${place}`,
  text: `Xylographic secret ${place}`,
  space: 'work',
}))
add(connection, 'ada', secrets, {}, 2)
say('secrets')
beginErasure(connection, 'ada', { target: { space: 'work' } }, 3)
say('forgotten')
const owner = ownerNumber(connection, 'ada')!
while (erasePortion(connection, owner));
settleErasures(connection, owner)
say(`done after ${transactions}`)
