import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  type App,
  defineActor,
  defineAgent,
  defineTool,
  defineWorkflow,
  durable,
  type RunEvent,
} from '../../src/index.ts'
import { scriptedModel } from '../../src/testing/scripted.ts'

const order = defineWorkflow({
  name: 'order',
  input: z.object({ id: z.string(), cents: z.number().default(1) }),
  run: async (ctx, { id, cents }) => ({ receipt: await ctx.step('charge', () => `${id} ${cents}`) }),
})
const double = defineTool({
  name: 'double',
  description: 'Doubles',
  input: z.object({ n: z.number() }),
  effect: 'pure',
  execute: ({ n }) => n * 2,
})

const judge = defineAgent({ name: 'judge', instructions: 'You judge.', output: z.object({ angry: z.boolean() }) })
const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number(), why: z.string().default('none') }),
  initial: () => ({ total: 0 }),
  receive: ({ total }, { add }) =>
    add < 0 ? { reply: 'refused' as const } : { state: { total: total + add }, reply: total + add },
})
const WRONG_ACTORS = () => [
  defineActor({
    kind: 'a',
    message: z.object({}),
    initial: () => ({ total: 0 }),
    // @ts-expect-error the state has another type
    receive: () => ({ state: { sum: 1 } }),
  }),
  defineActor({
    kind: 'b',
    message: z.object({ add: z.number() }),
    initial: () => ({}),
    // @ts-expect-error the message has no such field
    receive: (_, { remove }) => ({ reply: remove }),
  }),
  defineActor({
    kind: 'c',
    message: z.object({}),
    initial: () => ({}),
    // @ts-expect-error a reply is JSON
    receive: () => ({ reply: () => 1 }),
  }),
]

/** Lines that the compiler refuses, each with its reason, and the same ones right. It is compiled, and never called. */
const lines = (app: App) =>
  defineWorkflow({
    name: 'typed',
    input: z.object({ n: z.number() }),
    async run(ctx, input) {
      const n: number = input.n
      const judged = await ctx.call({ agent: judge, conversation: 'court' }, 'Is it angry?')
      const angry: boolean = judged.output.angry
      // @ts-expect-error the output of the agent is a boolean
      const mood: string = judged.output.angry
      // @ts-expect-error a message is a text
      await ctx.call({ agent: judge, conversation: 'court' }, { text: 'Is it angry?' })
      // @ts-expect-error a message has a conversation
      await ctx.call({ agent: judge }, 'Is it angry?')
      // @ts-expect-error no such treatment of a message
      await ctx.call({ agent: judge, conversation: 'court', onBusy: 'wait' }, 'Is it angry?')
      const goal = await ctx.call(judge, 'Is it angry?')
      // @ts-expect-error the output of the agent is a boolean
      const temper: string = goal.output.angry
      // @ts-expect-error the input has no such field
      input.m
      const text: string = await ctx.step('text', () => 'a')
      // @ts-expect-error the result of the step is a text
      const wrong: number = await ctx.step('text', () => 'a')
      // @ts-expect-error a step has a function
      await ctx.step('text', 'a')
      // @ts-expect-error a step has a name
      await ctx.step(() => 'a')
      // @ts-expect-error no such class of effects
      await ctx.step('text', () => 'a', { effect: 'maybe' })
      // @ts-expect-error no such option
      await ctx.step('text', () => 'a', { retries: 3 })
      // @ts-expect-error a time has a unit
      await ctx.step('text', () => 'a', { timeout: '3 moons' })
      // @ts-expect-error the undo gets the text that the step returned
      await ctx.step('text', () => 'a', { undo: (result: number) => result })
      // @ts-expect-error a Date does not come back as one
      const when: Date = await ctx.step('when', () => new Date())
      // @ts-expect-error a Map does not come back
      const map: Map<string, string> = await ctx.step('map', () => new Map<string, string>())
      // @ts-expect-error a function does not come back
      const act: () => void = await ctx.step('act', () => () => {})
      // @ts-expect-error a time has a unit
      await ctx.sleep('soon')
      // @ts-expect-error an instant is a Date or ms
      await ctx.sleepUntil('tomorrow')
      const floor: { readonly floor: number } = await ctx.approve('ship', { schema: z.object({ floor: z.number() }) })
      const { action, reason } = await ctx.approve('plain')
      // @ts-expect-error a decision is approve or reject
      action === 'maybe'
      // @ts-expect-error the schema says what the answer is
      const answer: { readonly floor: string } = await ctx.approve('ship', { schema: z.object({ floor: z.number() }) })
      // @ts-expect-error the value of a signal is a number here
      const signal: string = await ctx.signal('n', { schema: z.number() })
      const below: { readonly receipt: string } = await ctx.call(order, { id: '7' })
      // @ts-expect-error the input of the workflow needs an id
      await ctx.call(order, {})
      // @ts-expect-error the id is a text
      await ctx.call(order, { id: 7 })
      // @ts-expect-error the result has no such field
      ;(await ctx.call(order, { id: '7' })).total
      const twice: number = await ctx.call(double, { n: 2 })
      // @ts-expect-error the tool takes a number
      await ctx.call(double, { n: '2' })
      // @ts-expect-error a pipeline has inputs
      await ctx.call({ pipeline: 'report.yaml' }, 'topic')
      const { id } = await ctx.start(order, { id: '7' })
      // @ts-expect-error the input of the workflow needs an id
      await ctx.start(order, { cents: 3 })
      const form: { readonly x: number } = await ctx.generate('form', {
        prompt: 'x',
        schema: z.object({ x: z.number() }),
      })
      // @ts-expect-error a request has a prompt
      await ctx.generate('form', {})
      // @ts-expect-error without a schema the answer is a text
      const object: { readonly x: number } = await ctx.generate('form', { prompt: 'x' })
      const all: readonly number[] = await ctx.map([1], async (one) => one)
      // @ts-expect-error with `tolerate`, each item may have failed
      const tolerated: readonly number[] = await ctx.map([1], async (one) => one, { tolerate: true })
      // @ts-expect-error `patched` is a condition, not a promise
      ctx.patched('x').then()
      const counted: number | 'refused' = await ctx.call(counter.at('orders'), { add: 1 })
      // @ts-expect-error the actor takes a number
      await ctx.call(counter.at('orders'), { add: '1' })
      // @ts-expect-error the actor takes no such field
      await ctx.call(counter.at('orders'), { add: 1, remove: 1 })
      // @ts-expect-error the reply is a number or `refused`
      const total: { readonly total: number } = await ctx.call(counter.at('orders'), { add: 1 })
      // @ts-expect-error an address has a key
      counter.at()
      const { engine } = app.runtime!
      const asked: number | 'refused' = await engine.ask(counter.at('orders'), { add: 1, why: 'more' })
      // @ts-expect-error the actor takes a number
      await engine.ask(counter.at('orders'), { add: true })
      // @ts-expect-error the reply has no such method
      ;(await engine.ask(counter.at('orders'), { add: 1 })).trim()
      const plain: unknown = await engine.ask({ kind: 'counter', key: 'orders' }, { anything: true })
      // @ts-expect-error without its actor, an address says nothing about replies
      const unsafe: number = await engine.ask({ kind: 'counter', key: 'orders' }, { add: 1 })
      const model: { readonly modelId: string } = durable(scriptedModel([]), ctx)
      // @ts-expect-error a model is an object of a provider
      durable('gpt-5', ctx)
      // @ts-expect-error no such class of effects
      durable({ double }, ctx, { effect: 'maybe' })
      // @ts-expect-error no such option
      await ctx.call(counter.at('orders'), { add: 1 }, { retries: 1 })
      // @ts-expect-error it belongs to a workflow
      durable(scriptedModel([]))
      const run = await app.start(order, { id: '7' })
      const { receipt }: { readonly receipt: string } = await run.result()
      // @ts-expect-error the input of the workflow needs an id
      await app.start(order, { cents: 1 })
      // @ts-expect-error the result has no such field
      ;(await run.result()).total
      // @ts-expect-error a handle cancels with a reason in words
      await run.cancel(3)
      return [
        n,
        text,
        wrong,
        when,
        map,
        act,
        floor,
        reason,
        answer,
        signal,
        below,
        twice,
        id,
        form,
        object,
        all,
        tolerated,
        receipt,
        counted,
        total,
        asked,
        plain,
        unsafe,
        model,
        angry,
        mood,
        temper,
      ] as const
    },
  })

/** Events are told apart by their type. */
const told = (event: RunEvent): string => {
  if (event.type === 'workflow-event') return event.name + JSON.stringify(event.data)
  if (event.type === 'workflow-log') return event.text
  // @ts-expect-error a step that begins has not ended
  if (event.type === 'step-start') return event.status
  // @ts-expect-error there is no such event
  if (event.type === 'workflow-end') return ''
  return event.type
}

// @ts-expect-error a workflow has a function
const wrongOnes = [() => defineWorkflow({ name: 'a', input: z.any() })]

test('a workflow knows the types of its input and its result', () => {
  expect(order).toMatchObject({ name: 'order' })
  expect([typeof lines, typeof told, WRONG_ACTORS.length, wrongOnes.length]).toEqual(['function', 'function', 0, 1])
  expect(counter.at('orders')).toEqual({ kind: 'counter', key: 'orders' })
})
