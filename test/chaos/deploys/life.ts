import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import type { RunDocument } from '../../../src/run/document.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { WorkflowContext } from '../../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { doIn, linesOf } from '../asks/acts.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** The code of a process: what the run began with, code that does not fit it, and code that does. */
type Code = 'old' | 'misfit' | 'new'

/** One process on a data folder, its code, and when it dies; `name` is in its lines of logs. */
export type Life = { readonly folder: string; readonly code: Code; readonly name: string; readonly kill?: Kill }

const WITNESS = 'witness'

/** How many flushes the processes of a folder made. */
export const flushesIn = (folder: string): number => linesOf(join(folder, WITNESS)).length

/** The lines that the import of a process logs, in this order. */
export const linesBy = (name: string): readonly string[] => [0, 1, 2].map((n) => `${name} ${n}`)
/** So long the words of a step wait for others, and a little more. */
const WORDS_MS = 220

type Run = (ctx: WorkflowContext, log: (line: string) => void, name: string) => Promise<unknown>

const CODE: { readonly [code in Code]: Run } = {
  async old(ctx, log) {
    await ctx.step('charge', ({ idempotencyKey }) => log(`charge ${idempotencyKey}`))
    const check = ctx.signal('check')
    await ctx.signal('go')
    return check
  },
  async misfit(ctx, log) {
    await ctx.step('other', () => log('other'))
    return ctx.signal('go')
  },
  async new(ctx, log, name) {
    ctx.renamed('charge', 'chargeCard')
    await ctx.step('chargeCard', ({ idempotencyKey }) => log(`charge ${idempotencyKey}`))
    const dropped = ctx.dropped('wait-check')
    const go = await ctx.signal('go')
    await dropped
    const isNew = ctx.patched('import')
    const imported = await ctx.step('import', async ({ progress, log: write }) => {
      for (const [n, line] of linesBy(name).entries()) {
        write('info', line)
        progress({ done: n + 1 })
        await sleep(WORDS_MS)
      }
      log('import')
      return name
    })
    const shipped = await ctx
      .step('ship', () => log('ship'), { effect: 'at-most-once' })
      .catch((error: Error) => error.name)
    return { go, isNew, imported, shipped }
  },
}

/** Works on the run in this process, until it has ended or waits for more than the signal. */
export async function live({ folder, code, name, kill }: Life): Promise<RunDocument> {
  const run: Run = CODE[code]
  const workflow = defineWorkflow({
    name: 'flow',
    input: z.object({}),
    run: (ctx) => run(ctx, (line) => doIn(folder, line), name),
  })
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { workflows: [workflow], openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  const { runs, inbox } = runtime
  try {
    await runs.start({ workflow: 'flow', input: {}, id: 'flow' })
    await runs.resume('flow')
    for (let isGiven = false; ; ) {
      await runtime.idle()
      const now = await runs.get('flow')
      if (now.completed_at !== null || code === 'old' || (code === 'misfit' && isGiven)) return now
      const item = (await inbox.list({ run: 'flow' })).find((item) => 'run' in item)
      const isShipped = linesOf(join(folder, 'acts')).includes('ship')
      if (item?.kind === 'unknown')
        await runs.settle('flow', item.step, isShipped ? { outcome: 'done', result: null } : { outcome: 'not-done' })
      else await runs.signal('flow', 'go', 'now', { id: 'the-signal' })
      isGiven = true
    }
  } finally {
    await runtime.stop({ grace: 0 })
  }
}
