import * as restate from '@restatedev/restate-sdk'

/** Adds to the total of its key. */
const counter = restate.object({
  name: 'counter',
  handlers: {
    add: async (context, amount) => {
      const total = ((await context.get('total')) ?? 0) + amount
      context.set('total', total)
      return total
    },
  },
})

/** Ten journaled steps, one after another. */
const run = restate.service({
  name: 'run',
  handlers: {
    start: async (context) => {
      let value = 0
      for (let n = 0; n < 10; n++) value = await context.run(`step-${n}`, () => value + 1)
      return value
    },
  },
})

/** Serves both on that port. */
export const listen = (port) => restate.serve({ services: [counter, run], port })
