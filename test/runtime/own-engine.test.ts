import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import type { App } from '../../src/http/program/app.ts'
import { defineWorkflow, inlineEngine, start } from '../../src/index.ts'

const apps: App[] = []
const folders: string[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop()
  for (const place of folders.splice(0)) rmSync(place, { recursive: true, force: true })
})

const sums = defineWorkflow({
  name: 'sums',
  input: z.object({ n: z.number() }),
  async run(ctx, { n }) {
    const twice = await ctx.step('double', () => 2 * n)
    const { by } = await ctx.signal('go', { schema: z.object({ by: z.number() }) })
    return twice + by
  },
})

function folder(): string {
  const place = mkdtempSync(join(tmpdir(), 'antiphon-own-'))
  folders.push(place)
  return place
}

async function startOn(place: string, disk: ReturnType<typeof inlineDisk> | undefined): Promise<App> {
  const app = await start({
    folder: place,
    workflows: [sums],
    pipelines: { greet: { text: 'name: greet\nsteps:\n  - { id: say, action: echo hello }\n' } },
    ...(disk && { engine: ({ actors, observer }) => inlineEngine({ actors, observer, disk }) }),
  })
  apps.push(app)
  return app
}

test('workflows and pipelines run on an engine of the program, and go on with what it kept', async () => {
  const place = folder()
  const disk = inlineDisk()
  const first = await startOn(place, disk)
  expect(await first.run('greet' as never)).toMatchObject({ status: 'completed' })
  const run = await first.start(sums, { n: 20 }, { id: 'sum-1' })
  await first.stop()
  apps.splice(0)
  const second = await startOn(place, disk)
  const again = await second.start(sums, { n: 20 }, { id: run.id })
  await again.signal('go', { by: 2 })
  expect(await again.result()).toBe(42)
})

const nothing = () => {}
const BLIND = { tell: nothing, ask: nothing, cancel: nothing, start: nothing, stop: nothing }

test('an engine that is none is refused', async () => {
  const wrong: readonly (readonly [engine: unknown, message: string])[] = [
    [5, 'Expected `engine` to be a function that opens an engine.'],
    [() => 5, 'The engine of the program has no `tell`.'],
    [() => BLIND, 'The engine of the program has no `view`.'],
  ]
  for (const [engine, message] of wrong) {
    const options: object = { folder: folder(), engine }
    await expect(start(options)).rejects.toThrow(message)
  }
})

test('a folder of such an engine is refused elsewhere, and so is what needs libSQL', async () => {
  const place = folder()
  const app = await startOn(place, inlineDisk())
  const { maintenance } = app.runtime!
  for (const work of [() => maintenance.backup(join(place, 'copy')), () => maintenance.gc()])
    await expect(work()).rejects.toMatchObject({ code: 'other_engine', message: expect.stringContaining('libsql') })
  await app.stop()
  apps.splice(0)
  await expect(startOn(place, undefined)).rejects.toMatchObject({
    code: 'other_engine',
    message: expect.stringContaining('belongs to an engine of a program'),
  })
  const other = folder()
  await (await startOn(other, undefined)).stop()
  apps.splice(0)
  await expect(startOn(other, inlineDisk())).rejects.toMatchObject({ code: 'other_engine' })
})
