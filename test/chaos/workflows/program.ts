import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { defineAgent } from '../../../src/agent/definition/define-agent.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { doIn } from '../asks/acts.ts'
import { tripFlow } from './trip.ts'

const MODEL = 'lab/clerk'

/** A model that has the label of an order stamped, and then says so. */
const clerkModel = () =>
  scriptedModel([
    { match: /text\W+stamped/, reply: 'It is stamped.' },
    ...Array.from({ length: 99 }, (_, at) => `order-${at + 1}`).map((of) => ({
      match: `Stamp ${of}.`,
      calls: [{ name: 'label', input: { of, text: 'stamped' } }],
    })),
  ])

/** Makes a folder for processes of the program, with their settings. */
export function makeFolder(folder: string, settings: object = {}): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'antiphon.yaml'),
    JSON.stringify({ models: [{ id: MODEL, cost: { input: 1, output: 1 } }], ...settings }),
  )
  const steps = [{ id: 'print', tool: 'label', parameters: { of: '{{ id }}', text: 'printed' } }]
  writeFileSync(
    join(folder, 'labels.yaml'),
    JSON.stringify({ name: 'labels', inputs: { id: { type: 'string' } }, steps, outputs: { was: '{{ print }}' } }),
  )
  return folder
}

export const COUNTER = { kind: 'counter', key: 'orders' }

/**
 * A run with steps of all effect classes, a pause, a signal, children, a pipeline, an actor, a tool, an agent, a loop and an
 * undo.
 * Each act outside is a line with the id of the order.
 */
export function program(folder: string) {
  const label = defineTool({
    name: 'label',
    description: 'Prints a label',
    input: z.object({ of: z.string(), text: z.string() }),
    effect: 'idempotent',
    execute({ of, text }, { idempotencyKey }) {
      doIn(folder, `${of} ${text} ${idempotencyKey}`)
      return { text }
    },
  })
  const counter = defineActor({
    kind: COUNTER.kind,
    message: z.object({ add: z.number() }),
    initial: () => ({ total: 0 }),
    receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
  })
  const clerk = defineAgent({
    name: 'clerk',
    model: MODEL,
    instructions: 'You have labels stamped.',
    tools: [label],
    approve: 'none',
  })
  const child = defineWorkflow({
    name: 'child',
    input: z.object({ id: z.string(), n: z.number() }),
    async run(ctx, { id, n }) {
      const inner = await ctx.step('inner', () => doIn(folder, `${id} inner ${n}`))
      await ctx.sleep(5)
      return [n, inner]
    },
  })
  const order = defineWorkflow({
    name: 'order',
    input: z.object({ id: z.string() }),
    onFailure: 'undo',
    async run(ctx, { id }) {
      const log = (line: string) => doIn(folder, `${id} ${line}`)
      await ctx.step('look', () => log('look'), { effect: 'pure' })
      await ctx.step('charge', ({ idempotencyKey }) => log(`charge ${idempotencyKey}`), {
        undo: (_, { idempotencyKey }) => log(`refund ${idempotencyKey}`),
      })
      const tick = (n: number) => ctx.step('tick', ({ idempotencyKey }) => log(`tick ${n} ${idempotencyKey}`))
      for (const n of [1, 2, 3]) await tick(n)
      await Promise.all([4, 5].map(tick))
      const mail = await ctx
        .step('mail', () => log('mail'), { effect: 'at-most-once' })
        .catch((error: Error) => error.name)
      const [one, two] = await Promise.all([
        ctx.call(child, { id, n: 1 }),
        ctx.call(child, { id, n: 2 }, { name: 'other' }),
      ])
      const go = await ctx.signal('go')
      const total = await ctx.call(COUNTER, { add: 1 })
      const [labelled, printed] = await Promise.all([
        ctx.call(label, { of: id, text: 'label' }),
        ctx.call({ pipeline: 'labels.yaml' }, { id }),
      ])
      const { answer } = await ctx.call(clerk, `Stamp ${id}.`)
      await ctx.loop({ n: 1 }, async ({ n }) => {
        await ctx.step('count', ({ idempotencyKey }) => log(`count ${n} ${idempotencyKey}`))
        return n < 3 ? { next: { n: n + 1 } } : { done: n }
      })
      ctx.event('seen', { mail, one, two, go, labelled, printed, answer })
      ctx.event('total', total)
      throw new Error('It is sold out.')
    },
  })
  return {
    workflows: [order, child, tripFlow(folder)],
    tools: [label],
    agents: [clerk],
    models: { [MODEL]: clerkModel() },
    actors: [counter],
    owns: [{ kind: counter.kind, stays: 'it counts' }],
  }
}
