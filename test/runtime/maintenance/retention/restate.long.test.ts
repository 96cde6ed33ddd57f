import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineActor } from 'antiphon'
import { gate, until } from 'antiphon/testing'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../../../src/config/config.ts'
import { systemClock } from '../../../../src/engine/engine.ts'
import { findReferences } from '../../../../src/engine/restate/admin/blob-references.ts'
import { createClient } from '../../../../src/engine/restate/client/client.ts'
import type { RetentionLimits } from '../../../../src/runtime/maintenance/retention/limits.ts'
import { createRuntime, type Runtime } from '../../../../src/runtime/open/create-runtime.ts'
import { openBlobs } from '../../../../src/store/blobs/blobs.ts'
import { describeOnRestate, useRestate } from '../../../engine/restate/server.ts'
import { faulty } from './faulty.ts'

const NEVER: RetentionLimits = { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 }

describeOnRestate('retention on a server', () => {
  const server = useRestate()

  /** Nodes of one application, which share a folder for what is large. */
  async function openNodes(namespace: string, limits: Partial<RetentionLimits>, actors = [faulty]) {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-retention-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const common = join(folder, 'common')
    await mkdir(common)
    const { admin } = server.now()
    await writeFile(
      join(folder, 'antiphon.yaml'),
      `engine: { restate: { admin: '${admin}', namespace: ${namespace}, shared: common } }`,
    )
    await writeFile(join(folder, 'big.md'), 'a long text\n'.repeat(2_000))
    for (const name of ['copy', 'big'])
      await writeFile(
        join(folder, `${name}.yaml`),
        `name: ${name}\nsteps:\n  - { id: text, tool: filesystem, action: read, parameters: { path: ${name === 'big' ? 'big.md' : 'copy.yaml'} } }\n`,
      )
    const config = await loadConfig({ folder, environment: {} })
    const open = async (data: string) => {
      const retention = { ...NEVER, ...limits }
      const made = { ...config, data: join(folder, data), embedder: 'none', retention } as const
      // nothing goes but by the tests' own doing
      const retentionClock = { ...systemClock, after: () => () => {} }
      const runtime = await createRuntime(made, { actors, retentionClock })
      onTestFinished(() => runtime.stop({ grace: 0 }))
      return runtime
    }
    const run = async (runtime: Runtime, file: string, id: string) => {
      await runtime.runs.start({ file: join(folder, file), id })
      await runtime.idle()
      await until(async () => (await runtime.runs.list({ status: 'completed' })).some((listed) => listed.id === id))
    }
    return { common, open, run }
  }

  const rowsOf = async (namespace: string) => {
    const client = createClient(server.now())
    const rows = await client.query(`select service_key as key from state where service_name like '${namespace}.%'`)
    return [...new Set(rows.map(({ key }) => String(key)))].sort()
  }

  it('runs go with all that the server had of them, also when two nodes see to it at once', async () => {
    const { open, run } = await openNodes('runs', { runs: 1 })
    const first = await open('one')
    for (const id of ['a', 'b', 'c']) await run(first, 'copy.yaml', id)
    const second = await open('two')
    const gone = { what: 'run', why: 'more than 1 are finished', count: 2, ids: ['a', 'b'], bytes: expect.any(Number) }
    expect(await first.maintenance.gc({ dryRun: true })).toEqual({ dryRun: true, items: [gone] })
    expect(await rowsOf('runs')).toEqual(['a', 'b', 'c'])
    // who comes second finds less
    const collected = await Promise.all([first.maintenance.gc(), second.maintenance.gc()])
    const ids = collected.flatMap(({ items }) => items.flatMap((item) => item.ids))
    expect([...new Set(ids)].sort()).toEqual(['a', 'b'])
    expect(await rowsOf('runs')).toEqual(['c'])
    await until(async () => (await second.runs.list()).length === 1)
    expect(await second.runs.get('c')).toMatchObject({ status: 'completed' })
  })

  it('dead letters go when they are old', async () => {
    const { open } = await openNodes('letters', { deadLetterDays: 0 })
    const runtime = await open('one')
    await runtime.engine.ask({ kind: 'faulty', key: 'one' }, {}, { id: 'm1' }).catch(() => {})
    await until(async () => (await runtime.engine.deadLetters.list()).length === 1)
    expect((await runtime.maintenance.gc({ dryRun: true })).items).toMatchObject([
      { what: 'dead letter', count: 1, ids: ['m1'] },
    ])
    await runtime.maintenance.gc()
    expect(await runtime.engine.deadLetters.list()).toEqual([])
  })

  it('blobs go when nothing on the server refers to them, unless they were put lately', async () => {
    const { common, open, run } = await openNodes('blobs', { runs: 1 })
    const runtime = await open('one')
    await run(runtime, 'big.yaml', 'a')
    await run(runtime, 'copy.yaml', 'b')
    const values = openBlobs(common)
    const lost = await values.put({ nobody: 'refers to it' })
    await runtime.maintenance.gc()
    expect(await blobsIn(common)).toHaveLength(4)
    await age(common)
    const lately = await values.put({ just: 'now' })
    const { items } = await runtime.maintenance.gc()
    // what run a read and its pipeline; and what nobody ever referred to
    expect(items).toMatchObject([{ what: 'blob', count: 3 }])
    const left = await blobsIn(common)
    expect(left).toContain(lately)
    expect(left).not.toContain(lost)
    expect(await runtime.runs.get('b')).toMatchObject({ status: 'completed' })
  })

  it('values in waiting mail or in the records of a running turn count as referenced', async () => {
    const hold = gate()
    const [waits, recorded, kept, dead] = ['1a', '2b', '3c', '4d'].map((pair) => pair.repeat(32))
    const holder = defineActor({
      kind: 'holder',
      message: z.object({ blob: z.string().optional(), keep: z.string().optional() }),
      initial: () => ({}),
      async receive(_state, message, effects) {
        if (message.keep !== undefined) return { parts: { kept: { blob: message.keep } }, reply: null }
        const blob = await effects.run('put', () => recorded!)
        await effects.run('hold', ({ signal }) => hold.pass(signal))
        return { state: { blob } }
      },
    })
    const { open } = await openNodes('held', {}, [faulty, holder] as never)
    const { engine } = await open('one')
    await engine.ask({ kind: 'holder', key: 'two' }, { keep: kept! })
    await engine.ask({ kind: 'faulty', key: 'one' }, { blob: dead! }).catch(() => {})
    await engine.tell({ kind: 'holder', key: 'one' }, {})
    await hold.started
    await engine.tell({ kind: 'holder', key: 'one' }, { blob: waits! })
    await until(async () => (await engine.deadLetters.list()).length === 1)
    const found = await findReferences(server.now(), { isWhole: false, signal: new AbortController().signal })
    expect([...found]).toEqual(expect.arrayContaining([waits, recorded, kept, dead]))
    hold.release()
  })
})

async function blobsIn(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true })
  return found.flatMap(({ parentPath, name }) => (/^[0-9a-f]{62}$/.test(name) ? [parentPath.slice(-2) + name] : []))
}

async function age(folder: string): Promise<void> {
  const longAgo = new Date(Date.now() - 25 * 3_600_000)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await utimes(join(entry.parentPath, entry.name), longAgo, longAgo)
}
