import { defineActor } from 'antiphon'
import { simulate } from 'antiphon/testing'
import { z } from 'zod'

const account = defineActor({
  kind: 'account',
  message: z.object({ pay: z.number() }),
  initial: () => ({ paid: 0 }),
  async receive({ paid }, { pay }, effects) {
    const receipt = await effects.run('charge', ({ idempotencyKey }) => idempotencyKey)
    return { state: { paid: paid + pay }, reply: receipt, events: [{ paid: paid + pay }] }
  },
})

const { trials, lives } = await simulate({
  actors: () => [account],
  command(random) {
    const to = { kind: 'account', key: `${random.below(2)}` }
    const body = { pay: random.below(100) }
    return random.pick([
      { type: 'ask', to, body },
      { type: 'tell', to, body },
      { type: 'repeat' },
      { type: 'look', at: to },
    ])
  },
  seeds: 50,
})
console.log(`${trials} trials in ${lives} lives: nothing lost, nothing taken twice`)
