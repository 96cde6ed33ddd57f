// A program with a model that has a price, agents and a workflow. Run it in an empty folder: `node program.ts`.
import { existsSync } from 'node:fs'
import { z } from 'zod'
import { defineAgent, defineTool, defineWorkflow, start, TerminalError } from '../../src/index.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { until } from '../../src/testing/until.ts'
import { PHOTO_ID } from './photo.ts'
import { EVIL } from './pipelines.ts'

const usage = { input: 3200, output: 410 }
const model = scriptedModel(
  [
    { match: 'be paid back', reply: 'Yes: it is approved, and the money is on its way.', usage },
    { match: /lamp .*broken/, calls: [{ name: 'refund', input: { order: '1789', cents: 4900 } }], usage },
    {
      match: 'two orders are broken',
      calls: ['1790', '1791'].map((order) => ({ name: 'refund', input: { order, cents: 100 } })),
      usage,
    },
    { match: 'hostile', reply: EVIL, usage },
    // each sees the whole conversation, so the last one to be said stands first
    { match: 'it hangs', reply: 'The photo is on the board.', usage },
    { match: 'put up the photo', calls: [{ name: 'post', input: { picture: { file: PHOTO_ID } } }], usage },
    { match: 'look at the fog', calls: [{ name: 'look', input: { at: 'fog' } }], usage },
    { match: 'the wind, too', reply: 'The tide is high, and the wind comes from the west.', usage },
    { match: 'look at the tide', calls: [{ name: 'look', input: { at: 'tide' } }], usage },
    { match: 'Weather', reply: 'Wind from the west, four metres a second, and no rain before the evening.', usage },
    { reply: 'The harbour opens at six in the morning and closes at nine in the evening.', usage },
  ],
  'demo/desk',
)

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  output: z.string(),
  execute: ({ order }) => `order ${order} will be paid back`,
})

const look = defineTool({
  name: 'look',
  description: 'Looks at something until there is a file with its name',
  effect: 'pure',
  input: z.object({ at: z.enum(['tide', 'fog']) }),
  output: z.string(),
  async execute({ at }, { signal }) {
    await until(() => signal.aborted || existsSync(`${at}.seen`), 240_000)
    return `the ${at} is high`
  },
})

const post = defineTool({
  name: 'post',
  description: 'Puts up a picture on the board of the harbour',
  effect: 'at-most-once',
  input: z.object({ picture: z.looseObject({ file: z.string() }) }),
  output: z.string(),
  execute: () => 'it hangs',
})

const desk = defineAgent({
  name: 'desk',
  description: 'Helps visitors of a harbour',
  model: 'demo/desk',
  instructions: 'You help visitors of a harbour.',
  tools: [refund, look, post],
  approve: [refund, post],
})

const voyage = defineWorkflow({
  name: 'voyage',
  description: 'Charters a ship, waits for the tide, and sails once somebody says so',
  input: z.object({
    ship: z.string().min(2).describe('name of the ship'),
    guests: z.number().int().min(1).max(80).default(12),
    route: z.enum(['coast', 'islands']).default('coast'),
    lunch: z.boolean().optional(),
    pin: z.string().optional().meta({ format: 'password' }),
  }),
  async run(ctx, { ship, guests }) {
    const [berth, crew] = await Promise.all([
      ctx.step('reserve', () => `berth 3 for ${ship}`),
      ctx.step('hire', () => Math.ceil(guests / 8)),
    ])
    await ctx.sleep(50)
    const weather = await ctx.generate('forecast', { model: 'demo/desk', prompt: 'Weather for tomorrow?' })
    await ctx.approve('sail', { title: `Sail with ${guests} guests?`, content: { berth, crew, weather } })
    await ctx.sleep('3d')
    return ctx.step('invoice', () => guests * 40)
  },
})

/** Items that are worked on side by side, of which one fails. */
const waybills = defineWorkflow({
  name: 'waybills',
  description: 'Writes the waybill of each crate',
  input: z.object({ crates: z.number().int() }),
  run: (ctx, { crates }) =>
    ctx.map(
      Array.from({ length: crates }, (_, n) => n),
      (n) =>
        ctx.step('waybill', () => {
          if (n === crates - 4) throw new TerminalError('The crate is empty.', { code: 'empty_crate' })
          return `crate ${n}`
        }),
      { concurrency: 8 },
    ),
})

await start({
  agents: [desk],
  tools: [refund, look, post],
  workflows: [voyage, waybills],
  models: { 'demo/desk': model },
  prices: { 'demo/desk': { input: 2.5, output: 10 } },
  notice: () => {},
})
console.log('The program is ready.')
