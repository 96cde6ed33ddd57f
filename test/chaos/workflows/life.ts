import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { RunDocument } from '../../../src/run/document.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { type Kill, openWitnessed } from '../flush/database.ts'
import { LEDGER } from '../kinds/log.ts'

/** One process on a data folder that works on the run, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

export const WITNESS = 'witness'
const EFFECTS = 'effects'

/** What was done outside, a line each. */
export const effectsIn = (folder: string): readonly string[] => linesIn(join(folder, EFFECTS))
export const flushesIn = (folder: string): number => linesIn(join(folder, WITNESS)).length
const linesIn = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [])

/** The program: a run with steps of all effect classes, a pause, a signal, a child, an actor, a tool and an undo. */
function program(folder: string) {
  const log = (line: string) => appendFileSync(join(folder, EFFECTS), `${line}\n`)
  const child = defineWorkflow({
    name: 'child',
    input: z.object({ n: z.number() }),
    async run(ctx, { n }) {
      const inner = await ctx.step('inner', () => log(`inner ${n}`))
      await ctx.sleep(5)
      return [n, inner]
    },
  })
  const counter = defineActor({
    kind: 'counter',
    message: z.object({ add: z.number() }),
    initial: () => ({ total: 0 }),
    receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
  })
  const label = defineTool({
    name: 'label',
    description: 'Prints a label',
    input: z.object({ of: z.string() }),
    effect: 'idempotent',
    execute({ of }, { idempotencyKey }) {
      log(`label ${of} ${idempotencyKey}`)
      return { of }
    },
  })
  const order = defineWorkflow({
    name: 'order',
    input: z.object({ id: z.string() }),
    onFailure: 'undo',
    async run(ctx, { id }) {
      await ctx.step('look', () => log('look'), { effect: 'pure' })
      await ctx.step('charge', ({ idempotencyKey }) => log(`charge ${idempotencyKey}`), {
        undo: (_, { idempotencyKey }) => log(`refund ${idempotencyKey}`),
      })
      const mail = await ctx
        .step('mail', () => log('mail'), { effect: 'at-most-once' })
        .catch((error: Error) => error.name)
      const [one, two] = await Promise.all([ctx.call(child, { n: 1 }), ctx.call(child, { n: 2 }, { name: 'other' })])
      const go = await ctx.signal('go')
      const total = await ctx.call({ kind: 'counter', key: 'orders' }, { add: 1 })
      await ctx.call(label, { of: id })
      await ctx.loop({ n: 1 }, async ({ n }) => {
        await ctx.step('count', ({ idempotencyKey }) => log(`count ${n} ${idempotencyKey}`))
        return n < 3 ? { next: { n: n + 1 } } : { done: n }
      })
      ctx.event('seen', { mail, one, two, go, total })
      throw new Error('It is sold out.')
    },
  })
  return {
    workflows: [order, child],
    tools: [label],
    actors: [counter],
    owns: [{ kind: 'counter', stays: 'it counts' }],
  }
}

/** Works on the run in this process, and resolves with it when it has ended. */
export async function live({ folder, kill }: Life): Promise<RunDocument> {
  const notes = { witness: join(folder, WITNESS), ledger: join(folder, LEDGER) }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { ...program(folder), openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  try {
    await runtime.runs.start({ workflow: 'order', input: { id: '7' }, id: 'order' })
    await runtime.runs.resume('order')
    for (;;) {
      await runtime.idle()
      const run = await runtime.runs.get('order')
      if (run.completed_at !== null) return run
      const [item] = await runtime.inbox.list({ run: 'order' })
      if (item?.kind === 'unknown')
        await runtime.runs.settle(
          'order',
          item.step,
          effectsIn(folder).includes('mail') ? { outcome: 'done', result: 0 } : { outcome: 'not-done' },
        )
      else if (item?.kind === 'signal') await runtime.runs.signal('order', 'go', 'now', { id: 'the-signal' })
    }
  } finally {
    await runtime.stop({ grace: 0 })
  }
}
