// A process that works on what it finds in a data folder until it dies of it, is killed, or has nothing left to do.
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { libsqlEngine } from '../../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import { defineActor } from '../../../../src/kernel/turn.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'
import { until } from '../../../../src/testing/until.ts'

const [folder = '', keys = '', last] = process.argv.slice(2)
const PROBATION = 100

const worker = defineActor<number, string>({
  kind: 'worker',
  message: z.string(),
  initial: () => 0,
  async receive(done, how, effects) {
    if (how === 'abort') process.abort()
    if (how === 'exit') process.exit(7)
    await effects.run('work', async ({ signal }) => {
      if (how === 'abort in an effect') process.abort()
      if (how === 'hang' && last !== 'last') await setTimeout(60_000, undefined, { signal })
    })
    return { state: done + 1 }
  },
})

const database = await openDatabase({
  path: join(folder, 'engine.db'),
  schema: SCHEMA,
  statements: STATEMENTS,
  synchronous: 'FULL',
})
const engine = libsqlEngine({ actors: [worker], database, probation: PROBATION })
const all = keys.split(',').map((name) => ({ kind: 'worker', key: name }))
await engine.start()
// each is sent once, and acknowledged before it is its turn
for (const to of all) await engine.tell(to, to.key.split(':')[0]!, { id: to.key, delay: 100 })
setTimeout(150).then(() => process.stdout.write('working\n'))
const letters = await until(async () => {
  const dead = await engine.deadLetters.list()
  const done = await Promise.all(all.map((to) => engine.view.peek(to)))
  return dead.length + done.filter((count) => count === 1).length === all.length && dead
})
process.stdout.write(`letters ${JSON.stringify(letters.map(({ letter, problem }) => [letter.body, problem.code]))}\n`)
await engine.stop()
