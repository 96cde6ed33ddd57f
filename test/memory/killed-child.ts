import { add } from '../../src/memory/store/add.ts'
import { openConnection } from '../../src/memory/store/connection.ts'
import { beginErasure, erasePortion, settleErasures } from '../../src/memory/store/erase.ts'
import { ownerNumber } from '../../src/memory/store/owners.ts'
import { killing } from './killing.ts'

/** Adds and forgets, and kills itself at a moment of one of its transactions. Prints what is acknowledged. */
const [path, moment, at] = process.argv.slice(2) as [string, 'before' | 'inside' | 'after', string]
const { connection, count } = killing(openConnection(path, 'write'), moment, Number(at))
const say = (line: string) => process.stdout.write(`${line}\n`)
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
say(`done after ${count()}`)
