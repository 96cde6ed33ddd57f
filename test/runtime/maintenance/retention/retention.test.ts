import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bulkRef } from '../../../../src/bulk/actor.ts'
import { loadConfig } from '../../../../src/config/config.ts'
import { systemClock } from '../../../../src/engine/engine.ts'
import type { RetentionLimits } from '../../../../src/runtime/maintenance/retention/limits.ts'
import { createRuntime, type Runtime } from '../../../../src/runtime/open/create-runtime.ts'
import { openBlobs } from '../../../../src/store/blobs/blobs.ts'
import { faulty } from './faulty.ts'

const PIPELINES = {
  'copy.yaml': `name: copy
steps:
  - { id: text, tool: filesystem, action: read, parameters: { path: copy.yaml } }
`,
  'ask.yaml': `name: ask
inputs: { thread: { type: string, default: "" } }
steps:
  - id: ship
    action: chain
    parameters: { prompt: When does the ship leave?, files: [notes.md], thread: "{{ thread }}" }
`,
  'big.yaml': `name: big
steps:
  - { id: text, tool: filesystem, action: read, parameters: { path: big.md } }
`,
  'notes.md': 'The ship leaves at noon.\n',
  'big.md': 'a long text\n'.repeat(2000),
  'parent.yaml': `name: parent
steps: [{ id: sub, tool: pipeline-executor, parameters: { pipeline: { name: child, steps: [{ id: a, tool: filesystem, action: exists, parameters: { path: . } }] } } }]`,
  'above.yaml': `name: above
steps: [{ id: sub, tool: pipeline-executor, parameters: { pipeline: ask } }]`,
}

const KEPT: RetentionLimits = { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 }

async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-retention-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(PIPELINES)) await writeFile(join(folder, name), text)
  const config = await loadConfig({ folder, environment: {} })
  const open = async (limits: Partial<RetentionLimits>, days = 0) => {
    const made = { ...config, embedder: 'none', retention: { ...KEPT, ...limits } } as const
    // small checkpoints, so that what goes is soon no longer in the log
    const checkpoint = { bytes: 1, chunk: 8, trim: 64 }
    // nothing goes but by the tests' own doing
    const retentionClock = { ...systemClock, now: () => Date.now() + days * 86_400_000, after: () => () => {} }
    const runtime = await createRuntime(made, { actors: [faulty], checkpoint, retentionClock })
    onTestFinished(() => runtime.stop())
    return runtime
  }
  const runAll = async (runtime: Runtime, file: keyof typeof PIPELINES, ids: readonly string[], inputs = {}) => {
    for (const id of ids) {
      await runtime.runs.start({ file: join(folder, file), id, inputs })
      await runtime.idle()
      expect((await runtime.runs.get(id)).status).toBe('completed')
    }
  }
  return { folder, data: config.data, open, runAll }
}

const kept = async (runtime: Runtime) => (await runtime.runs.list()).map(({ id }) => id).sort()

/** Everything that is there of actors of a kind. */
async function keysOf(runtime: Runtime, kind: string): Promise<readonly string[]> {
  return (await runtime.engine.view.inspect({ kind })).map(({ of }) => of.key)
}

async function partsOf(runtime: Runtime, id: string): Promise<number> {
  let count = 0
  for await (const _ of runtime.engine.view.parts({ kind: 'run', key: id })) count++
  return count
}

test('the runs that finished last stay, others go with all that was kept of them', async () => {
  const { open, runAll } = await openFolder()
  const runtime = await open({ runs: 2 })
  await runAll(runtime, 'copy.yaml', ['a', 'b', 'c', 'd'])
  const run = { what: 'run', why: 'more than 2 are finished', count: 2, ids: ['a', 'b'], bytes: expect.any(Number) }
  expect(await runtime.maintenance.gc({ dryRun: true })).toEqual({ dryRun: true, items: [run] })
  expect(await kept(runtime)).toEqual(['a', 'b', 'c', 'd'])
  const { items } = await runtime.maintenance.gc()
  expect(items).toEqual([run])
  expect(items[0]!.bytes).toBeGreaterThan(500)
  expect(await kept(runtime)).toEqual(['c', 'd'])
  expect(await partsOf(runtime, 'a')).toBe(0)
  expect(await partsOf(runtime, 'c')).toBeGreaterThan(0)
  await expect(runtime.runs.get('a')).rejects.toMatchObject({ code: 'not_found' })
  expect(await runtime.maintenance.gc()).toEqual({ dryRun: false, items: [] })
})

test('a run stays until an operation on many runs has come to it', async () => {
  const { open, runAll } = await openFolder()
  const runtime = await open({ runs: 1 })
  await runAll(runtime, 'copy.yaml', ['a', 'b', 'c'])
  await runAll(runtime, 'parent.yaml', ['d', 'e'])
  // its runs are picked
  const pick = { type: 'pick', pick: 'p', owner: 'local', portion: 0, runs: ['a', 'd.sub'] }
  await runtime.engine.ask(bulkRef('held'), pick)
  await runtime.maintenance.gc()
  expect(await kept(runtime)).toEqual(['a', 'd', 'd.sub', 'e', 'e.sub'])
  await runtime.engine.tell(bulkRef('held'), null, { type: 'stop' })
  await runtime.idle()
  await runtime.maintenance.gc()
  expect(await kept(runtime)).toEqual(['e', 'e.sub'])
})

test('removed runs stay away after a restart', async () => {
  const { open, runAll } = await openFolder()
  const first = await open({ runs: 1 })
  await runAll(first, 'copy.yaml', ['a', 'b'])
  await first.maintenance.gc()
  await first.stop()
  const second = await open({ runs: 1 })
  expect(await kept(second)).toEqual(['b'])
  expect(await keysOf(second, 'run')).toEqual(['b'])
})

test('the id of a run that went starts no other one, and says so', async () => {
  const { folder, open, runAll } = await openFolder()
  const runtime = await open({ runs: 0 })
  await runAll(runtime, 'copy.yaml', ['a'])
  await runtime.maintenance.gc()
  const again = runtime.runs.start({ file: join(folder, 'copy.yaml'), id: 'a' })
  await expect(again).rejects.toMatchObject({ code: 'id_taken', message: expect.stringContaining('no longer kept') })
  await runtime.idle()
})

test("a thread that is its run's alone goes with it, one with a name of its own stays", async () => {
  const { open, runAll } = await openFolder()
  const runtime = await open({ runs: 0 })
  await runAll(runtime, 'ask.yaml', ['a'])
  await runAll(runtime, 'ask.yaml', ['b'], { thread: 'mine' })
  expect(await keysOf(runtime, 'chain')).toEqual(['a.ship', 'mine'])
  const { items } = await runtime.maintenance.gc()
  expect(items).toMatchObject([
    { what: 'thread', why: 'its run goes', ids: ['a.ship'] },
    { what: 'run', ids: ['a', 'b'] },
  ])
  expect(await keysOf(runtime, 'chain')).toEqual(['mine'])
  for (const key of await keysOf(runtime, 'phase')) expect(key).toMatch(/^mine\./)
})

test("a dot in the name of an owner makes none of a run's threads", async () => {
  const { open, runAll } = await openFolder()
  const runtime = await open({ runs: 0 })
  await runtime.threads.open({ id: 'j.doe:main', owner: 'j.doe' })
  await runAll(runtime, 'ask.yaml', ['j'])
  expect(await keysOf(runtime, 'chain')).toEqual(['j.doe:main', 'j.ship'])
  await runtime.maintenance.gc()
  expect(await keysOf(runtime, 'chain')).toEqual(['j.doe:main'])
})

test('a run takes no threads of another one whose id goes on behind its own, nor what its user began under such a name', async () => {
  const { open, runAll } = await openFolder()
  const runtime = await open({ runs: 1 })
  await runAll(runtime, 'ask.yaml', ['nightly'])
  await runAll(runtime, 'above.yaml', ['nightly.2'])
  await runtime.threads.open({ id: 'nightly.notes' })
  expect(await keysOf(runtime, 'chain')).toEqual(['nightly.2.sub.ship', 'nightly.notes', 'nightly.ship'])
  await runtime.maintenance.gc()
  expect(await kept(runtime)).toEqual(['nightly.2', 'nightly.2.sub'])
  expect(await keysOf(runtime, 'chain')).toEqual(['nightly.2.sub.ship', 'nightly.notes'])
  await runAll(runtime, 'copy.yaml', ['z'])
  await runtime.maintenance.gc()
  expect(await kept(runtime)).toEqual(['z'])
  expect(await keysOf(runtime, 'chain')).toEqual(['nightly.notes'])
})

test('a run below another goes with that, and is not counted', async () => {
  const { open, runAll } = await openFolder()
  const runtime = await open({ runs: 1 })
  await runAll(runtime, 'parent.yaml', ['a', 'b'])
  expect(await kept(runtime)).toEqual(['a', 'a.sub', 'b', 'b.sub'])
  const { items } = await runtime.maintenance.gc()
  expect(items).toMatchObject([
    { what: 'run', why: 'the run above it goes', ids: ['a.sub'] },
    { what: 'run', ids: ['a'] },
  ])
  expect(await kept(runtime)).toEqual(['b', 'b.sub'])
})

test('dead letters go when they are old', async () => {
  const { open } = await openFolder()
  const runtime = await open({ deadLetterDays: 30 })
  await runtime.engine.ask({ kind: 'faulty', key: 'one' }, {}, { id: 'm1' }).catch(() => {})
  expect((await runtime.maintenance.gc()).items).toEqual([])
  expect(await runtime.engine.deadLetters.list()).toHaveLength(1)
  await runtime.stop()
  const hasty = await open({ deadLetterDays: 0 })
  expect((await hasty.maintenance.gc({ dryRun: true })).items).toMatchObject([
    { what: 'dead letter', count: 1, ids: ['m1'] },
  ])
  await hasty.maintenance.gc()
  expect(await hasty.engine.deadLetters.list()).toEqual([])
})

test('an operation on many runs goes as long after its end as a run, and at least a day', async () => {
  const { open } = await openFolder()
  const left = async (runDays: number, days: number) => {
    const runtime = await open({ runDays }, days)
    const { items } = await runtime.maintenance.gc()
    await runtime.idle()
    const bulks = await runtime.bulks.list()
    await runtime.stop()
    return [items.map(({ what, why, ids }) => `${what} ${ids}: ${why}`), bulks.map(({ id }) => id)]
  }
  const runtime = await open({})
  for (const id of ['b1', 'b2']) await runtime.bulks.start({ action: 'cancel', runs: ['none'], id })
  await runtime.idle()
  await runtime.stop()

  expect(await left(30, 29)).toEqual([[], ['b2', 'b1']])
  expect(await left(0, 0.9)).toEqual([[], ['b2', 'b1']])
  expect(await left(30, 31)).toEqual([['operation b1,b2: ended more than 30 days ago'], []])
})

test('blobs go when nothing refers to them any more, unless they were put lately', async () => {
  const { data, open, runAll } = await openFolder()
  const blobs = join(data, 'blobs')
  const runtime = await open({ runs: 1 })
  await runAll(runtime, 'big.yaml', ['a'])
  await runAll(runtime, 'copy.yaml', ['b'])
  const orphan = await openBlobs(blobs).put({ nobody: 'refers to it' })
  await writeFile(join(blobs, 'temporary', 'left'), 'half a val')
  expect((await runtime.maintenance.gc()).items).toMatchObject([{ what: 'run', ids: ['a'] }])
  await checkpointed(runtime)
  const all = await filesIn(blobs)
  expect((await runtime.maintenance.gc()).items).toEqual([])
  expect(await filesIn(blobs)).toEqual(all)

  await age(blobs)
  const lately = await openBlobs(blobs).put({ nobody: 'refers to it' })
  expect(lately).toBe(orphan)
  // what run a read, its pipeline; and what a process left that was killed
  const gone = [
    { what: 'blob', count: 2 },
    { what: 'draft', count: 1, bytes: 10 },
  ]
  expect((await runtime.maintenance.gc({ dryRun: true })).items).toMatchObject(gone)
  expect(await filesIn(blobs)).toEqual(all)
  expect((await runtime.maintenance.gc()).items).toMatchObject(gone)
  expect(await filesIn(blobs)).toHaveLength(all.length - 3)
  expect(existsSync(join(blobs, orphan.slice(0, 2), orphan.slice(2)))).toBe(true)
  expect((await runtime.runs.get('b')).status).toBe('completed')
})

async function filesIn(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
}

async function age(folder: string): Promise<void> {
  const longAgo = new Date(Date.now() - 25 * 3_600_000)
  for (const path of await filesIn(folder)) await utimes(path, longAgo, longAgo)
}

/** Some flushes later the log holds nothing of what went before. */
async function checkpointed({ engine }: Runtime): Promise<void> {
  for (let n = 0; n < 20; n++) await engine.ask({ kind: 'run', key: `none-${n}` }, { type: 'expire' })
}
