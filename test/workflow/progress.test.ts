import { expect, it } from 'vitest'
import { z } from 'zod'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const ANY = z.any()

it('a step says how far it is, and writes a log, while it works and afterwards', async () => {
  const door = gate()
  const workflow = defineWorkflow({
    name: 'flow',
    input: ANY,
    run: (ctx) =>
      ctx.step('import', async ({ progress, log }) => {
        progress({ done: 1, of: 9 })
        log('info', 'begun')
        progress({ done: 3, of: 9 })
        await door.pass()
        for (let n = 0; n < 250; n++) log('debug', `line ${n}`)
        return 'end'
      }),
  })
  const opened = await openRuns({ workflows: [workflow] })
  await opened.start('flow')
  const { progress, log } = await until(async () => {
    const step = (await opened.runs.get('r')).steps.import
    return step?.progress ? step : undefined
  })
  expect({ progress, log }).toEqual({
    progress: { done: 3, of: 9 },
    log: [{ at: expect.any(String), level: 'info', text: 'begun' }],
  })
  expect(JSON.stringify(await opened.runtime.inspector.why('run/r'))).toContain(
    '"progress":{"done":3,"of":9},"log":"info: begun"',
  )
  door.release()
  const { steps } = await opened.ended()
  expect(steps.import).toMatchObject({ status: 'completed', progress: { done: 3, of: 9 }, log_cut: 51 })
  expect(steps.import!.log).toHaveLength(200)
})

it('a log has 64 KiB, and wrong words are refused where they are said', async () => {
  const workflow = defineWorkflow({
    name: 'flow',
    input: ANY,
    async run(ctx) {
      const long = await ctx.step('long', ({ log }) => {
        for (let n = 0; n < 20; n++) log('warn', 'x'.repeat(5000))
      })
      const refused = await ctx
        .step('large', ({ progress }) => progress('x'.repeat(5000)), { retry: 0 })
        .catch((error: Error) => error.message)
      const level = await ctx
        .step('level', ({ log }) => log('loud' as never, 'x'), { retry: 0 })
        .catch((error: Error) => error.message)
      return [long, refused, level]
    },
  })
  const { start, ended } = await openRuns({ workflows: [workflow] })
  await start('flow')
  const { outputs, steps } = await ended()
  expect(steps.long!.log!.length).toBe(16)
  expect(steps.long).toMatchObject({ log_cut: 4 })
  expect(outputs.result).toEqual([
    null,
    'The progress of step large has more than 4 KiB.',
    'The log of step level: expected the level debug, info, warn, error, got "loud".',
  ])
})

it('a step or a tool that gives no sign of life fails, and one that gives signs works on', async () => {
  const attempts: number[] = []
  const silent = defineTool({
    name: 'silent',
    description: 'Waits until it is cancelled',
    input: z.object({}),
    effect: 'pure',
    heartbeat: 0.03,
    execute: (_, { signal, log }) => {
      log?.('info', 'waits')
      return new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('late')))
    },
  })
  const workflow = defineWorkflow({
    name: 'flow',
    input: ANY,
    async run(ctx) {
      const made = await ctx.step(
        'beats',
        async ({ attempt, signal, heartbeat }) => {
          attempts.push(attempt)
          const times = attempt === 1 ? 1 : 8
          for (let n = 0; n < times; n++) {
            heartbeat()
            await new Promise((resolve) => setTimeout(resolve, 10))
          }
          if (attempt === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve))
          return 'made'
        },
        { heartbeat: 60, retry: { attempts: 1, delay: 1 } },
      )
      const failed = await ctx.call(silent, {}).catch((error: Error) => [error.name, error.message])
      return { made, failed }
    },
  })
  const { start, ended } = await openRuns({ workflows: [workflow], tools: [silent] })
  await start('flow')
  const { outputs, steps } = await ended()
  expect(outputs.result).toEqual({
    made: 'made',
    failed: ['TimeoutError', expect.stringContaining('gave no sign of life for 0.03 s')],
  })
  expect(attempts).toEqual([1, 2])
  expect(steps.silent!.log!.every(({ text }) => text === 'waits')).toBe(true)
})

it('another process still has the words of a step that was cut off', async () => {
  const make = (act: () => Promise<string>) =>
    defineWorkflow({
      name: 'flow',
      input: ANY,
      run: (ctx) =>
        ctx.step('import', ({ progress, log, attempt }) => {
          log('info', `attempt ${attempt}`)
          progress(attempt)
          return act()
        }),
    })
  const folder = makeFolder()
  const first = await openRuns({ workflows: [make(() => new Promise(() => {}))] }, folder)
  await first.start('flow')
  await until(async () => (await first.runs.get('r')).steps.import?.progress)
  await first.stop()
  const second = await openRuns({ workflows: [make(async () => 'end')] }, folder)
  await second.runs.resume('r')
  const { steps } = await second.ended()
  expect(steps.import!.log!.length).toBe(2)
})
