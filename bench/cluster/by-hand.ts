import { type Context, createEndpointHandler, type ObjectContext, object, service } from '@restatedev/restate-sdk'
import { STEPS } from '../engine/actors.ts'

/** As antiphon asks it of the server: no journal is kept of what has ended, an id is remembered for a day. */
const OPTIONS = { journalRetention: 0, idempotencyRetention: { days: 1 } } as const

async function runSteps(context: Context): Promise<number> {
  let value = 0
  for (let n = 0; n < STEPS.run; n++) value = await context.run(`step-${n}`, () => value + 1)
  return value
}

/** What an actor promises: by key, one at a time, with a state that is read and written. */
const effects = object({
  name: 'HandEffects',
  handlers: {
    async start(context: ObjectContext) {
      await context.get('value')
      const value = await runSteps(context)
      context.set('value', value)
      return value
    },
  },
  options: OPTIONS,
})

/** The effects alone: nothing has a key or a state. */
const plain = service({ name: 'HandPlain', handlers: { start: runSteps }, options: OPTIONS })

const counter = object({
  name: 'HandCounter',
  handlers: {
    async add(context: ObjectContext, amount: number) {
      const total = ((await context.get<number>('total')) ?? 0) + amount
      context.set('total', total)
      return total
    },
  },
  options: OPTIONS,
})

/** A step as a thing of its own: one effect. */
const step = object({
  name: 'HandStep',
  handlers: {
    take: (context: ObjectContext, value: number) => context.run('execute', () => value + 1),
  },
  options: OPTIONS,
})

/** A run that calls its steps, which have keys of their own, one after another. */
const calls = object({
  name: 'HandCalls',
  handlers: {
    async start(context: ObjectContext) {
      let value = 0
      for (let n = 0; n < STEPS.run; n++) value = await context.objectClient(step, `${context.key}.${n}`).take(value)
      context.set('value', value)
      return value
    },
  },
  options: OPTIONS,
})

/** What is written by hand with Restate's SDK, to compare with, as a handler of HTTP/2. */
export const byHand = createEndpointHandler({ services: [effects, plain, counter, step, calls] })
