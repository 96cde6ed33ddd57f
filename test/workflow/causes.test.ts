import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../src/kernel/schema.ts'
import { outputsOf } from '../../src/run/ended-outputs.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const SECRET = 'hunter-2-hunter-2'

/** The errors that steps throw, and what a function that catches them sees. */
const THROWN: readonly (readonly [what: string, error: () => unknown, seen: object])[] = [
  [
    'a cause with a code and fields',
    () =>
      new Error('query failed', {
        cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED', port: 5432 }),
      }),
    { message: 'query failed', cause: { name: 'Error', message: 'refused', code: 'ECONNREFUSED', port: 5432 } },
  ],
  [
    'fetch that fails',
    () => fetch('http://127.0.0.1:9/'),
    { name: 'TypeError', message: 'fetch failed', cause: { message: 'bad port' } },
  ],
  [
    'the errors of Promise.any',
    () => Promise.any([Promise.reject(new RangeError('a')), Promise.reject('b')]),
    { name: 'AggregateError', errors: [{ name: 'RangeError', message: 'a' }, 'b'] },
  ],
  [
    'own fields and a code',
    () => Object.assign(new Error('no stock'), { code: 'OUT_OF_STOCK', sku: 'lamp', left: { north: 0 } }),
    { code: 'OUT_OF_STOCK', sku: 'lamp', left: { north: 0 } },
  ],
  ['a cause that is a map', () => new Error('x', { cause: { status: 402 } }), { cause: { status: 402 } }],
]

const throwing = (n: number) => async () => {
  const error = await THROWN[n]![1]()
  throw error
}

/** What JSON shows of an error, with all that is behind it. */
function seenOf(error: unknown): Json {
  if (typeof error !== 'object' || error === null || !('message' in error)) return error as Json
  const { cause, errors } = error as { cause?: unknown; errors?: readonly unknown[] }
  const { name, message } = error as Error
  const fields = Object.fromEntries(Object.entries(error).filter(([, value]) => typeof value !== 'function'))
  return JSON.parse(
    JSON.stringify({
      ...fields,
      name,
      message,
      ...(cause !== undefined && { cause: seenOf(cause) }),
      ...(errors && { errors: errors.map(seenOf) }),
    }),
  )
}

const way = z.object({ n: z.number() })
const fails = defineWorkflow({
  name: 'fails',
  input: way,
  run: (ctx, { n }) => ctx.step('act', throwing(n), { retry: 0 }) as Promise<null>,
})
const catches = defineWorkflow({
  name: 'catches',
  input: way,
  async run(ctx, { n }) {
    const seen: Json[] = []
    const note = (error: unknown) => void seen.push(seenOf(error))
    await ctx.step('act', throwing(n), { retry: 0 }).catch(note)
    await ctx.step('again', throwing(n), { retry: { attempts: 1, delay: '1ms' } }).catch(note)
    await ctx.call(fails, { n }).catch(note)
    await ctx.signal('go')
    return seen
  },
})
const rethrows = defineWorkflow({
  name: 'rethrows',
  input: way,
  async run(ctx, { n }) {
    await ctx.step('act', throwing(n), { retry: 0 }).catch((cause) => {
      throw Object.assign(new Error('the order failed', { cause }), { order: 7 })
    })
  },
})
const workflows = [catches, fails, rethrows]

it.each(THROWN.map(([what, , seen], n) => [what, n, seen] as const))(
  '%s: a function sees it from a step and a child, live and in each replay, and a client gets it',
  async (_, n, seen) => {
    const folder = makeFolder()
    const before = await openRuns({ workflows }, folder)
    await before.start('catches', { n })
    // its function has caught all three before it waits
    await expect.poll(async () => (await before.runs.get('r')).steps['wait-go']?.status).toBe('waiting')
    await before.start('fails', { n }, 'f')
    await before.start('rethrows', { n }, 'w')
    const [failed, wrapped] = [await before.ended('f'), await before.ended('w')]
    expect(failed).toMatchObject({ status: 'failed', error_details: failed.steps.act!.error_details })
    const thrown = (() => {
      try {
        return outputsOf(JSON.parse(JSON.stringify(failed)))
      } catch (error) {
        return seenOf(error)
      }
    })()
    expect(thrown).toMatchObject(seen)
    // `details` of the cause are those of the step
    expect(wrapped.error_details).toMatchObject({ fields: { order: 7 }, cause: { ...failed.error_details } })
    await before.stop()
    // another process replays the function from its history
    const after = await openRuns({ workflows }, folder)
    await after.runs.resume('r')
    await after.runs.signal('r', 'go', null)
    const { result } = (await after.ended()).outputs as { result: readonly Json[] }
    expect(result).toHaveLength(3)
    for (const one of result) expect(one).toMatchObject(seen)
  },
)

it('live and in a replay a function sees the same error', async () => {
  const lives: Json[] = []
  const told = defineWorkflow({
    name: 'told',
    input: way,
    async run(ctx, { n }) {
      await ctx.step('act', throwing(n), { retry: 0 }).catch((error) => lives.push(seenOf(error)))
      await ctx.signal('go')
    },
  })
  for (const n of THROWN.keys()) {
    const folder = makeFolder()
    const before = await openRuns({ workflows: [told] }, folder)
    await before.start('told', { n })
    await expect.poll(async () => (await before.runs.get('r')).steps['wait-go']?.status).toBe('waiting')
    await before.stop()
    const after = await openRuns({ workflows: [told] }, folder)
    await after.runs.resume('r')
    await after.runs.signal('r', 'go', null)
    await after.ended()
    const [live, ...replays] = lives.splice(0)
    expect(replays.length).toBeGreaterThan(0)
    for (const replay of replays) expect(replay).toEqual(live)
  }
})

it('a secret in a cause or a field is cut as in a message, in the document and for the function', async () => {
  const leaks = defineWorkflow({
    name: 'leaks',
    input: z.object({}),
    async run(ctx) {
      const error = await ctx
        .step(
          'act',
          () => {
            const cause = Object.assign(new Error(`to ${SECRET}`), {
              url: `http://${SECRET}/`,
              cause: { [SECRET]: [SECRET] },
            })
            throw Object.assign(new AggregateError([cause], `with ${SECRET}`, { cause }), { key: SECRET })
          },
          { retry: 0 },
        )
        .catch((thrown) => thrown)
      ctx.log(JSON.stringify(seenOf(error)))
      throw error
    },
  })
  const { start, ended, eventsOf } = await openRuns({ workflows: [leaks] }, makeFolder(), {
    environment: { ANTIPHON_SECRET_SHOP: SECRET },
  })
  await start('leaks')
  const run = await ended()
  expect(run.error).toBe('with [redacted]')
  expect(run.error_details).toMatchObject({ fields: { key: '[redacted]' }, cause: { message: 'to [redacted]' } })
  expect(JSON.stringify([run, await eventsOf()])).not.toContain(SECRET)
})
