import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { is } from '../../../src/errors.ts'
import { runRef } from '../../../src/house/actors.ts'
import type { LaterRun } from '../../../src/run/later/state.ts'
import { isFinished } from '../../../src/run/run.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import type { ServedRuntime } from '../../../src/runtime/ports.ts'
import { until } from '../../../src/testing/until.ts'
import { defineWorkflow } from '../../../src/workflow/definition/workflow-value.ts'
import { type Kill, openWitnessed } from '../../chaos/flush/database.ts'

/** One process on a data folder with orders of two customers, and when it dies. */
export type Life = { readonly folder: string; readonly seed: number; readonly kill?: Kill }

type Order = {
  readonly id: string
  readonly customer: 'alpha' | 'beta'
  /** its first step never ends by itself */
  readonly hangs: boolean
  readonly when: object
}

/** The customer whose orders are cancelled. */
export const CANCELLED = 'alpha'
/** The line of the log from which on no order of that customer does anything. */
export const BEGUN = 'the operation has begun'

/** Orders in any order: at once, queued behind both customers, debounced, delayed, or delayed and then queued. */
function ordersBy(seed: number): readonly Order[] {
  const draw = drawing(seed)
  return Array.from({ length: 10 + draw(5) }, (_, n) => {
    const customer = draw(3) < 2 ? 'alpha' : 'beta'
    const key = `key-${draw(2)}`
    const queue = { key, slots: 1 + draw(2) }
    const delays = customer === 'alpha' ? ['1h', 0.01] : [0.01, 0.05]
    const when = [
      {},
      { queue },
      { queue },
      { queue: { key: `quiet-${customer}`, debounce: customer === 'alpha' ? '1h' : 0.05 } },
      { delay: delays[draw(2)] },
      { delay: delays[draw(2)], queue },
    ][draw(6)]!
    return { id: `o${n}`, customer, hangs: customer === 'alpha' && draw(3) === 0, when }
  })
}

/** Numbers below a limit, the same for a seed. */
export function drawing(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

/** Starts the orders, cancels those of a customer, and lets the others end. */
export async function live({ folder, seed, kill }: Life) {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'said')
  const say = (line: string) => appendFileSync(file, `${line}\n`)
  const order = defineWorkflow({
    name: 'order',
    input: z.object({ customer: z.string(), id: z.string(), hangs: z.boolean() }),
    async run(ctx, { customer, id, hangs }) {
      await ctx.step('reserve', async ({ signal }) => {
        say(`reserve ${customer} ${id}`)
        if (hangs) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      })
      await ctx.signal('go')
      await ctx.step('charge', () => say(`charge ${customer} ${id}`))
    },
  })
  const config = await loadConfig({ folder, environment: {} })
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {}, workflows: [order] },
  )
  const { runs, bulks } = runtime
  await runtime.engine.start()
  const orders = ordersBy(seed)
  const said = () => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  if (!said().includes(BEGUN)) {
    for (const { id, customer, hangs, when } of orders)
      await runs.start({ workflow: 'order', input: { customer, id, hangs }, id, ...when })
    const soon = orders.filter(({ when }) => !JSON.stringify(when).includes('1h'))
    await until(async () => (await Promise.all(soon.map((one) => stands(runtime, said, one)))).every(Boolean))
    await bulks.start({ action: 'cancel', where: { text: CANCELLED }, reason: 'enough', id: 'bulk' })
    say(BEGUN)
  }
  await until(async () => (await bulks.get('bulk')).status === 'done')
  for (const { id, customer } of orders)
    if (customer !== CANCELLED && (await runs.get(id)).completed_at === null)
      // the signal of a process that was killed may end it meanwhile
      await runs.signal(id, 'go', null).catch(unlessOver)
  await until(async () => (await Promise.all(orders.map(({ id }) => runs.get(id)))).every((run) => run.completed_at))
  return { runtime, orders, stop: () => runtime.stop({ grace: 0 }) }
}

/** Whether an order waits for its turn, has reserved, or has ended. It stands so until somebody acts. */
async function stands({ engine }: ServedRuntime, said: () => string, { id, customer }: Order): Promise<boolean> {
  const run = (await engine.view.peek(runRef(id))) as LaterRun | undefined
  if (!run) return false
  const { phase } = run.later ?? { phase: 'begun' }
  return isFinished(run) || phase === 'queued' || said().includes(`reserve ${customer} ${id}\n`)
}

function unlessOver(error: unknown): void {
  if (!is(error) || error.code !== 'run_over') throw error
}
