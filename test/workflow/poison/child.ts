import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { fastClock } from '../../fast-clock.ts'

// a process with a workflow whose code ends it
const { folder, since, how } = JSON.parse(process.argv[2]!)
const log = (line: string) => appendFileSync(join(folder, 'log'), `${line}\n`)
const die = () => process.kill(process.pid, 'SIGKILL')

const fatal = defineWorkflow({
  name: 'fatal',
  input: z.object({}),
  onFailure: 'undo',
  async run(ctx) {
    const made = { undo: () => log('undone') }
    if (how === 'slow') await ctx.step('a', () => pause(80).then(() => log('made')), made)
    else await ctx.step('a', () => log('made'), made)
    if (how === 'sleep') await ctx.sleep('1s')
    if (how === 'step') return ctx.step('b', die).catch((error: { readonly code: string }) => error.code)
    return die()
  },
})

const config = await loadConfig({ folder, environment: {} })
const runtime = await openRuntime(
  { ...config, embedder: 'none', durability: 'process' },
  { workflows: [fatal], clock: fastClock(since, 50), notice: () => {} },
)
await runtime.runs.start({ workflow: 'fatal', input: {}, id: 'r' })
await runtime.runs.resume('r')
while ((await runtime.runs.get('r')).completed_at === null) await pause(10)
await runtime.stop({ grace: 0 })
