import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/engine/engine.ts'
import { createRuntime, type ServedRuntime } from '../../src/runtime/open/create-runtime.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'

const CONFIG = 'models: [{ id: lab/one, cost: { input: 1, output: 1 } }]\nserve: { publicUrl: "http://shop.example" }\n'

const order = defineWorkflow({
  name: 'order',
  input: z.object({ customer: z.string() }),
  async run(ctx, { customer }) {
    await ctx.step('reserve', () => `reserved ${customer}`)
    await ctx.signal('go')
    return ctx.step('charge', () => `charged ${customer}`)
  },
})

/** A workflow whose step works until it is stopped, and one that waits for an address and a child run. */
const busy = defineWorkflow({
  name: 'busy',
  input: z.object({ customer: z.string() }),
  run: (ctx) =>
    ctx.step('work', async ({ signal }) => {
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }),
})
const above = defineWorkflow({
  name: 'above',
  input: z.object({ customer: z.string() }),
  async run(ctx, { customer }) {
    const paid = ctx.signal('paid', { url: true })
    await ctx.start(order, { customer })
    return paid
  },
})
const gate = (name: string) => `name: ${name}
steps:
  - { id: say, tool: debug, parameters: { message: ${name} } }
  - { id: ok, tool: approval-gate, depends_on: [say], parameters: { title: ${name} } }
`

async function openShop() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-rows-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  writeFileSync(join(folder, 'antiphon.yaml'), CONFIG)
  const config = await loadConfig({ folder, environment: {} })
  /** The process dies at a write, if one is given. */
  const open = async (writes = Number.POSITIVE_INFINITY, died = () => {}) => {
    let left = writes
    const runtime = await createRuntime(
      { ...config, embedder: 'none' },
      {
        async openDatabase(options) {
          const database = await openDatabase(options)
          let fail = (_error: Error) => {}
          return {
            ...database,
            onFailed(listener) {
              fail = listener
              database.onFailed(listener)
            },
            write(write) {
              if (left-- > 0) return database.write(write)
              died()
              fail(new Error('the end'))
            },
          }
        },
        models: { 'lab/one': scriptedModel([{ match: /./, reply: 'done' }], 'lab/one') },
        workflows: [order, busy, above],
        retentionClock: { ...systemClock, now: () => Date.now() + 7_200_000 },
        notice: () => {},
      },
    )
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  return { data: config.data, open }
}

/** Work of an owner in each state. All its names contain the name of the owner. */
async function fill(runtime: ServedRuntime, owner: string): Promise<void> {
  const { runs, goals, bulks, agents, threads, schedules, access } = runtime
  const name = (text: string) => `${owner}-${text}`
  const run = (id: string, when: object = {}) =>
    runs.start({ workflow: 'order', input: { customer: name('input') }, id: name(id), owner, ...when })
  const end = async (id: string) => {
    await until(async () => (await runs.get(name(id))).status === 'waiting')
    await until(() =>
      runs.signal(name(id), 'go', null).then(
        () => true,
        () => false,
      ),
    )
    await until(async () => (await runs.get(name(id))).completed_at !== null)
  }
  // a queue that is gone when its owner is forgotten
  await run('ended', { queue: { key: name('idle') } })
  await end('ended')
  await run('replaced', { queue: { key: name('quiet'), debounce: '1h' } })
  await run('debounced', { queue: { key: name('quiet'), debounce: '1h' } })
  await run('first', { queue: { key: name('key'), perMinute: 60, slots: 1 } })
  await run('second', { queue: { key: name('key'), slots: 1 }, budget: 3 })
  await run('third', { queue: { key: name('key'), slots: 1 } })
  await runs.cancel(name('third'), name('reason'))
  await run('timed', { delay: '1h', queue: { key: name('key') } })
  await run('timed-too', { delay: '1h', budget: 2 })
  await run('soon', { delay: 0.02, queue: { key: name('soon') } })
  await run('refused', { queue: { key: name('key'), onConflict: 'reject' } }).catch(() => {})
  await run('joined', { queue: { key: name('key'), onConflict: 'join' } })
  await runs.signal(name('second'), 'go', name('early'))
  await runs.fork(name('ended'), { id: name('fork'), owner, delay: '1h' })
  await agents.put('clerk', { instructions: name('words'), description: name('about'), model: 'lab/one' }, { owner })
  await runs.start({ workflow: 'busy', input: { customer: owner }, id: name('busy'), owner })
  await runs.start({ workflow: 'above', input: { customer: owner }, id: name('above'), owner })
  await runs.start({ source: { text: gate(name('gate')) }, id: name('pipeline'), owner, queue: { key: name('gate') } })
  await access.links.create({ run: name('pipeline'), signal: 'ok', kind: 'webhook', ttl: 60_000, owner })
  const goal = (id: string, when: object = {}) =>
    goals.start({ agent: 'clerk', goal: name('goal'), id: name(id), owner, ...when })
  await goal('goal')
  await goal('goal-timed', { delay: '1h' })
  await goal('goal-queued', { queue: { key: name('key') } })
  await threads.open({ id: `${owner}:main`, name: name('thread'), owner })
  const texts = [{ name: name('ship.md'), text: `The ship of ${owner} leaves at noon.` }]
  await threads.ask({ thread: `${owner}:main`, prompt: `When does the ship of ${owner} leave?`, texts, owner })
  await schedules.put(name('daily'), { cron: '0 3 * * *', agent: 'clerk', goal: name('goal'), owner })
  await schedules.put(name('gone'), { every: '1h', workflow: 'order', input: { customer: owner }, owner })
  await schedules.run(name('gone'), { owner })
  await schedules.remove(name('gone'), { owner })
  const mine = { owner, isAdmin: false, trusted: true }
  await bulks.start({ action: 'cancel', runs: [name('none')], reason: name('why'), id: name('bulk') }, mine)
  await bulks.start({ action: 'fork', where: { text: name('nothing'), owner }, id: `bulk-of-${owner.length}` })
  await access.keys.create({ name: name('laptop'), owner, scopes: ['run'] })
  await until(async () => (await bulks.get(name('bulk'))).status === 'done')
  await until(async () => (await runs.get(name('above'))).status === 'waiting')
  await until(async () => (await goals.list({ owner })).some(({ status }) => status !== 'running'))
}

/** The rows of engine.db with a text, by their tables, and the files of the database that have its bytes. */
function rowsWith(data: string, text: string): readonly string[] {
  const files = readdirSync(data).filter((name) => name.startsWith('engine.db'))
  const left = files.filter((name) => readFileSync(join(data, name)).includes(text)).map((name) => `bytes of ${name}`)
  const database = new DatabaseSync(join(data, 'engine.db'), { readOnly: true })
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
    for (const { name } of tables)
      for (const row of database.prepare(`select * from "${name}"`).all()) {
        const shown = Object.values(row).map((value) =>
          value instanceof Uint8Array ? Buffer.from(value).toString() : String(value),
        )
        if (shown.some((value) => value.includes(text))) left.push(`${name}: ${shown.join(' | ').slice(0, 400)}`)
      }
  } finally {
    database.close()
  }
  return left
}

test('after an owner is forgotten, no row of engine.db and no byte of its log has its name or a name that it gave', async () => {
  const { data, open } = await openShop()
  const runtime = await open()
  await fill(runtime, 'xyloglyph')
  await fill(runtime, 'marimba')
  expect(rowsWith(data, 'xyloglyph')).not.toEqual([])
  const report = await runtime.erasures.forget('xyloglyph')
  expect(report).toMatchObject({ status: 'done' })
  expect(rowsWith(data, 'xyloglyph')).toEqual([])
  await runtime.stop({ grace: 0 })
  expect(rowsWith(data, 'xyloglyph')).toEqual([])
  expect(rowsWith(data, 'marimba').length).toBeGreaterThan(20)
})

test('the next process leaves no row either, wherever the one before was killed, also if it takes up no work', async () => {
  let killed = 0
  for (let writes = 3; ; writes += 4) {
    const { data, open } = await openShop()
    const { promise: death, resolve } = Promise.withResolvers<'killed'>()
    const first = await open(writes, () => resolve('killed'))
    const filled = fill(first, 'xyloglyph').then(
      () => 'whole',
      () => 'killed',
    )
    const end = await Promise.race([filled, death])
    await first.stop({ grace: 0 }).catch(() => {})
    const next = await open()
    if (killed % 2 === 1) await next.engine.start()
    expect(await next.erasures.forget('xyloglyph'), `${writes}`).toMatchObject({ status: 'done' })
    expect([writes, rowsWith(data, 'xyloglyph')]).toEqual([writes, []])
    await next.engine.start()
    await next.stop({ grace: 0 })
    expect([writes, rowsWith(data, 'xyloglyph')]).toEqual([writes, []])
    if (end === 'whole') break
    killed++
  }
  expect(killed).toBeGreaterThan(8)
})
