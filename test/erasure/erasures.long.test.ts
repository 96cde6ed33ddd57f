import { expect, it } from 'vitest'
import { openDatabase } from '../../src/store/database/open.ts'
import { REBUILD } from '../../src/store/database/writer.ts'
import { until } from '../../src/testing/until.ts'
import { openWorkshop } from './workshop.ts'

it('while an owner is forgotten, its work is refused; afterwards the same name starts empty', async () => {
  const { open } = openWorkshop()
  const { openDatabase, reached, goOn } = databaseHeldAtRebuild()
  const runtime = await open({ openDatabase })
  await runtime.memory('ada').add([{ text: 'a kiln' }])
  const going = runtime.erasures.forget('ada')
  await reached
  const source = { text: 'name: p\nsteps: [{ id: a, tool: debug, parameters: { message: hi } }]' }
  for (const refused of [
    () => runtime.runs.start({ source, owner: 'ada' }),
    () => runtime.access.keys.create({ name: 'laptop', owner: 'ada', scopes: ['run'] }),
    () => runtime.memory('ada').add([{ text: 'a late note' }]),
    () => runtime.threads.open({ id: 'ada:main', owner: 'ada' }),
    () => runtime.environments.update('ada:shop', { a: 1 }),
    () => runtime.files.add(Buffer.from('a late file'), { owner: 'ada' }),
  ])
    await expect(refused()).rejects.toMatchObject({ code: 'being_forgotten' })
  const others = runtime.runs.start({ source, owner: 'bob' })
  goOn()
  await others
  expect(await going).toMatchObject({ status: 'done' })

  await runtime.access.keys.create({ name: 'laptop', owner: 'ada', scopes: ['run'] })
  expect(await runtime.memory('ada').list()).toEqual([])
  await runtime.memory('ada').add([{ text: 'a new kiln' }])
  expect(await runtime.memory('ada').list()).toHaveLength(1)
})

it('stored values from the last hour are kept: the report says so, and the name is free before they go', async () => {
  const { open, data } = openWorkshop()
  const runtime = await open({ hours: 0 })
  const text = 'name: p\nsteps: [{ id: a, tool: debug, parameters: { message: xyloglyph } }]'
  const { id } = await runtime.runs.start({ source: { text }, owner: 'ada' })
  await until(async () => (await runtime.runs.get(id)).status === 'completed')
  const report = await runtime.erasures.forget('ada')
  expect(report).toMatchObject({ status: 'pending', removed: { runs: 1 }, waits: expect.stringContaining('hour') })
  await runtime.memory('ada').add([{ text: 'a new kiln' }])
  await runtime.stop({ grace: 0 })

  const later = await open({ data })
  await until(async () => (await later.erasures.get(report.id!)).status === 'done')
  expect(await later.memory('ada').list()).toHaveLength(1)
})

/** Holds the writes from the one on that writes the file anew, near the end of an erasure. */
function databaseHeldAtRebuild() {
  const [held, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let last: Promise<void> | undefined
  return {
    reached: held.promise,
    goOn: gate.resolve,
    async openDatabase(options: Parameters<typeof openDatabase>[0]) {
      const database = await openDatabase(options)
      return {
        ...database,
        write(write: Parameters<typeof database.write>[0]) {
          if (!last && !write.rows?.some(([name]) => name === REBUILD)) return database.write(write)
          held.resolve()
          last = (last ?? gate.promise).then(() => database.write(write))
        },
      }
    },
  }
}
