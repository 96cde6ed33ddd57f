import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { joinWaiting } from '../../src/budget/reserve.ts'
import { until } from '../../src/testing/until.ts'
import { answer, CLERK, call, openGoals } from '../agent/goal/folder.ts'

const TOOLS = fileURLToPath(new URL('order-tools.ts', import.meta.url))

/** A project whose only worker is held, so that all other work waits in its queue. `go` lets it work and returns the order. */
async function openHeld(script: Parameters<typeof openGoals>[0] = []) {
  const opened = await openGoals(script, `plugins: [${TOOLS}]\npool: { workers: 1, queue: 100, ageing: 3600 }\n`)
  const { runtime, path, write } = opened
  await runtime.tools.call([{ tool: 'hold', parameters: {} }])
  await until(() => existsSync(path('held')))
  const go = async () => {
    write('go', '')
    await runtime.idle()
    return readFileSync(path('order'), 'utf8').trim().split(' ')
  }
  const queued = (count: number) =>
    until(() => runtime.inspector.pools().items.reduce((sum, pool) => sum + pool.queued, 0) === count)
  return { ...opened, go, queued }
}

const noting = (word: string, more = '') =>
  `name: ${word}\n${more}steps:\n  - { id: a, tool: note, parameters: { word: ${word} } }\n`

test('runs and calls start in the order of their priorities', async () => {
  const { runtime, go, queued } = await openHeld()
  await runtime.runs.start({ source: { text: noting('low') }, priority: 'low' })
  await runtime.runs.start({ source: { text: noting('normal') } })
  await runtime.runs.start({ source: { text: noting('high', 'priority: high\n') } })
  await runtime.runs.start({ source: { text: noting('demoted', 'priority: high\n') }, priority: 'low' })
  await runtime.tools.call([{ tool: 'note', parameters: { word: 'critical' } }], { priority: 'critical' })
  await queued(5)
  expect(await go()).toEqual(['critical', 'high', 'normal', 'low', 'demoted'])
})

test('a step has its own priority, and child runs inherit it', async () => {
  const { runtime, go, queued } = await openHeld()
  const child = noting('child').trim().split('\n').join('\n          ')
  await runtime.runs.start({ source: { text: noting('normal') } })
  await runtime.runs.start({
    source: {
      text: `name: steps
steps:
  - { id: low, tool: note, priority: low, parameters: { word: low } }
  - { id: high, tool: note, priority: high, parameters: { word: high } }
  - id: sub
    tool: pipeline-executor
    priority: critical
    parameters:
        pipeline: |
          ${child}
`,
    },
  })
  await queued(4)
  expect(await go()).toEqual(['child', 'high', 'normal', 'low'])
})

test('a more urgent step starts before the steps that wait for the window of the run', async () => {
  const { runtime, go, queued } = await openHeld()
  const others = Array.from({ length: 45 }, (_, n) => `  - { id: n${n}, tool: note, parameters: { word: n${n} } }`)
  const steps = [
    '  - { id: first, tool: note, priority: critical, parameters: { word: first } }',
    '  - { id: second, tool: note, priority: critical, dependencies: [first], parameters: { word: second } }',
  ]
  await runtime.runs.start({ source: { text: ['name: many', 'steps:', ...steps, ...others].join('\n') } })
  await queued(32)
  const order = await go()
  expect(order).toHaveLength(47)
  expect(order[0]).toBe('first')
  expect(order.indexOf('second')).toBeLessThan(5)
})

test('the calls of a goal have its priority', async () => {
  const { runtime, go, queued } = await openHeld([call('note', { word: 'goal' }), answer('done')])
  const agent = { ...CLERK, tools: ['note'] }
  // the model is asked by the worker that is held, so the goal waits as well
  await runtime.goals.start({ agent, goal: 'Note it', priority: 'critical' })
  await runtime.runs.start({ source: { text: noting('one') } })
  await runtime.runs.start({ source: { text: noting('two') } })
  await queued(3)
  expect((await go()).indexOf('goal')).toBeLessThan(2)
})

test('more urgent work waits for money before other work, which is overtaken only so often', () => {
  const waiter = (id: string, priority?: 'critical' | 'low') => ({
    id,
    by: id,
    amount: 1,
    work: id,
    ...(priority && { priority }),
  })
  let waiting = joinWaiting([], waiter('low', 'low'))
  waiting = joinWaiting(waiting, waiter('normal'))
  waiting = joinWaiting(waiting, waiter('second'))
  waiting = joinWaiting(waiting, waiter('first', 'critical'))
  expect(waiting.map(({ id }) => id)).toEqual(['first', 'normal', 'second', 'low'])
  for (let count = 0; count < 20; count++) waiting = joinWaiting(waiting, waiter(`c${count}`, 'critical'))
  expect(waiting.findIndex(({ id }) => id === 'low')).toBe(8)
})

test('a priority that does not exist is an error with its place', async () => {
  const { runtime } = await openGoals([])
  await expect(runtime.runs.start({ source: { text: noting('x', 'priority: urgent\n') } })).rejects.toThrow(
    /`priority`: expected one of critical, high, normal, low, got "urgent"/,
  )
  const priority = 'urgent' as 'high'
  const refused = /options.*priority: expected one of critical, high, normal, low/
  await expect(
    runtime.runs.start({
      source: { text: 'name: x\nsteps: [{ id: a, tool: terminal, parameters: { command: ls } }]' },
      priority,
    }),
  ).rejects.toThrow(refused)
  await expect(
    runtime.tools.call([{ tool: 'terminal', parameters: { command: 'true' } }], { priority }),
  ).rejects.toThrow(refused)
  await expect(runtime.goals.start({ agent: CLERK, goal: 'Note it', priority })).rejects.toThrow(refused)
  await expect(runtime.threads.ask({ thread: 't', id: 'a', prompt: 'Note it', priority })).rejects.toThrow(/priority/)
})
