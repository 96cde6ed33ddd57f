import { beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow } from '../../../src/index.ts'
import { makeProject, startIn } from './programs.ts'

const WORD = 'postgres'
const HOST = `${WORD}.internal`

beforeEach(() => {
  process.env.SHOP_DB_PASSWORD = WORD
  return () => void delete process.env.SHOP_DB_PASSWORD
})

const read = defineWorkflow({
  name: 'read',
  input: z.object({ host: z.string() }),
  async run(ctx, { host }) {
    const row = await ctx.step('read', () => ({ host, [WORD]: 1 }))
    ctx.handle('where', z.any(), () => row.host)
    return row
  },
})
const PIPELINE = { text: `name: row\nsteps: [{ id: a, action: 'echo ${HOST}' }]\noutputs: { host: '{{ a }}' }\n` }
const ROW = { host: HOST, [WORD]: 1 }

it('a program gets what its runs computed, in the process that owns the folder and in another one', async () => {
  const folder = await makeProject()
  const options = { workflows: [read], pipelines: { row: PIPELINE } }
  const owner = await startIn<'row'>(folder, [], options)
  const other = await startIn<'row'>(folder, [], options)
  expect([owner.runtime === undefined, other.runtime === undefined]).toEqual([false, true])
  for (const [at, app] of [owner, other].entries()) {
    const id = `${WORD}-${at}`
    const run = await app.start(read, { host: HOST }, { id })
    expect([run.id, await run.result(), await run.ask('where')]).toEqual([id, ROW, HOST])
    expect((await run.get()).execution_id).toBe(id)
    expect((await app.runs.list()).map((listed) => listed.id)).toContain(id)
    expect((await app.run('row', { id: `row-${id}` })).outputs).toEqual({ host: HOST })
    // events are for people
    const events: unknown[] = []
    for await (const event of run.events()) events.push(event)
    expect(JSON.stringify(events)).toContain('[redacted].internal')
    expect(JSON.stringify(events)).not.toContain(HOST)
  }
})

it('a request with a key from another server gets none of that, whatever its headers say', async () => {
  const folder = await makeProject()
  const app = await startIn(folder, [], { workflows: [read] })
  const standby = await startIn(folder, [], { workflows: [read] })
  await app.start(read, { host: HOST }, { id: 'r' }).then((run) => run.result())
  const { token } = await app.access.keys.create({ name: 'k', owner: 'local', scopes: ['admin'] })
  const headers = { 'x-antiphon-whole': 'runs', authorization: `Bearer ${token}` }
  for (const { fetch } of [app, standby]) {
    const answer = await fetch(new Request('http://shop.example/v1/runs/r', { headers }))
    expect(await answer.json()).toMatchObject({ outputs: { result: { host: '[redacted].internal', '[redacted]': 1 } } })
  }
})
