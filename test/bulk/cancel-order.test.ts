import { expect, test } from 'vitest'
import { z } from 'zod'
import { until } from '../../src/testing/until.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { openRuns } from '../workflow/open-runs.ts'

/** More than an operation works on at once, and more than a portion. */
const QUEUED = 120

/** Orders of customers. `log` has what each of them did. */
async function openShop() {
  const log: string[] = []
  const order = defineWorkflow({
    name: 'order',
    input: z.object({ customer: z.string(), id: z.string() }),
    async run(ctx, { id }) {
      await ctx.step('reserve', () => void log.push(`reserve ${id}`), { undo: () => void log.push(`release ${id}`) })
      await ctx.signal('go')
      await ctx.step('charge', () => void log.push(`charge ${id}`))
    },
  })
  const opened = await openRuns({ workflows: [order] })
  const { runs, runtime } = opened
  const start = (id: string, when: object) =>
    runs.start({ workflow: 'order', input: { customer: id.replace(/-.*/, ''), id }, id, ...when })
  const done = (id: string) =>
    until(async () => {
      const bulk = await runtime.bulks.get(id)
      return bulk.status === 'done' ? bulk : undefined
    })
  return { ...opened, log, start, done }
}

test('a cancellation of all orders of a customer begins none of those that wait behind them', async () => {
  const { runs, runtime, log, start, done, ended } = await openShop()
  const queue = { key: 'shop', slots: 2 }
  for (const id of ['beta-1', 'beta-2']) await start(id, { queue })
  for (let n = 1; n <= QUEUED; n++) await start(`alpha-${n}`, { queue })
  await start('alpha-timed', { delay: '1h', queue })
  await start('alpha-debounced', { queue: { key: 'quiet', debounce: '1h' } })
  await start('beta-3', { queue })
  // the first two of the customer begin when others end, so they are the newest of the list
  for (const id of ['beta-1', 'beta-2']) await runs.signal(id, 'go', null)
  const begun = ['reserve alpha-1', 'reserve alpha-2']
  await until(() => begun.every((line) => log.includes(line)))

  const asked = { action: 'cancel', where: { text: 'ALPHA' } } as const
  const picked = { timed: 1, queued: QUEUED - 1, running: 2, ended: 0 }
  expect(await runtime.bulks.start({ ...asked, dryRun: true })).toMatchObject({ total: QUEUED + 2, picked })
  await runtime.bulks.start({ ...asked, undo: true, id: 'all' })
  expect(await done('all')).toMatchObject({ total: QUEUED + 2, done: QUEUED + 2, failed: 0, picked })
  await until(() => log.includes('reserve beta-3'))
  await runs.signal('beta-3', 'go', null)
  await ended('beta-3')
  for (const id of ['alpha-1', 'alpha-2', `alpha-${QUEUED}`, 'alpha-timed', 'alpha-debounced'])
    expect(await ended(id), id).toMatchObject({ status: 'cancelled', error: 'cancelled with many others' })
  expect(log.filter((line) => line.includes('alpha')).sort()).toEqual(['release alpha-1', 'release alpha-2', ...begun])
})

test('runs that are named are cancelled in the same order, whatever order their ids have', async () => {
  const { runtime, log, start, done } = await openShop()
  const ids = Array.from({ length: 20 }, (_, n) => `alpha-${n + 1}`)
  for (const id of ids) await start(id, { queue: { key: 'shop' } })
  await until(() => log.includes('reserve alpha-1'))
  // the one at work, and last the one that is next in the queue
  const [first, ...others] = ids
  await runtime.bulks.start({ action: 'cancel', runs: [first!, ...others.reverse(), 'none'], id: 'named' })
  const picked = { timed: 0, queued: 19, running: 1, ended: 1 }
  expect(await done('named')).toMatchObject({ done: 20, failed: 1, picked })
  await runtime.idle()
  expect(log).toEqual(['reserve alpha-1'])
})
