import { expect, it } from 'vitest'
import { z } from 'zod'
import { simulatedClock } from '../../src/testing/clock.ts'
import { gate } from '../../src/testing/gate.ts'
import { until } from '../../src/testing/until.ts'
import { testApp } from '../../src/testing/workflows/test-app.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
  defineWorkflow({ name: 'flow', input: z.object({}), run })

it('clean-up may pause, and what it says is kept', async () => {
  const log: string[] = []
  const workflow = flow(async (ctx) => {
    try {
      await ctx.signal('go')
    } finally {
      await ctx.sleep('20s')
      await ctx.step('clean', ({ progress, log: say }) => {
        progress({ done: 1 })
        say('info', 'swept')
        log.push('clean')
      })
    }
  })
  await using app = await testApp({ workflows: [workflow] })
  const run = await app.start(workflow, {}, { id: 'r' })
  await app.advance('1s')
  await run.cancel('enough')
  await app.advance('19s')
  expect(log).toEqual([])
  await app.advance('2s')
  expect(await app.runtime.runs.get('r')).toMatchObject({
    status: 'cancelled',
    error: 'enough',
    steps: { clean: { progress: { done: 1 }, log: [{ level: 'info', text: 'swept' }] } },
  })
  expect(log).toEqual(['clean'])
})

it('clean-up has a minute', async () => {
  const workflow = flow(async (ctx) => {
    try {
      await ctx.signal('go')
    } finally {
      await ctx.signal('never')
    }
  })
  await using app = await testApp({ workflows: [workflow] })
  const run = await app.start(workflow, {}, { id: 'r' })
  await app.advance('1s')
  await run.cancel('enough')
  await app.advance('59s')
  expect((await app.runtime.runs.get('r')).status).toBe('waiting')
  await app.advance('2s')
  expect((await app.runtime.runs.get('r')).status).toBe('cancelled')
})

const ONCE = { effect: 'at-most-once' } as const

/** A run that pays once and waits for more. Its log has what the function hears, and what happens outside. */
function paying(log: string[], pay: (signal: AbortSignal) => Promise<unknown>) {
  // a replay says it again
  const say = (line: string) => log.includes(line) || log.push(line)
  const heard = (name: string, wait: Promise<unknown>) =>
    wait.then(
      (value) => say(`${name}: ${JSON.stringify(value)}`),
      (error: Error) => say(`${name}: ${error.name}`),
    )
  return flow(async (ctx) => {
    const first = ctx.signal('go')
    const paid = ctx.step('pay', ({ signal }) => pay(signal), {
      ...ONCE,
      undo: (receipt) => void log.push(`pays back ${JSON.stringify(receipt)}`),
    })
    const last = ctx.step('look', ({ signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no())))
    await Promise.all([heard('first', first), heard('paid', paid), heard('last', last)])
    await ctx.step('clean', () => log.push('clean'))
  })
}

it('a step that must not be repeated is not cut off: its outcome comes before the cancellation', async () => {
  for (const undo of [false, true]) {
    const log: string[] = []
    const door = gate()
    let aborted = false
    const workflow = paying(log, async (signal) => {
      signal.addEventListener('abort', () => (aborted = true))
      await door.pass()
      return 17
    })
    const { start, runs, ended } = await openRuns({ workflows: [workflow] })
    await start('flow')
    await door.started
    await until(async () => (await runs.get('r')).steps['wait-go'])
    await runs.cancel('r', 'enough', { undo })
    expect([log, aborted]).toEqual([[], false])
    door.release()
    expect(await ended()).toMatchObject({
      status: 'cancelled',
      error: 'enough',
      steps: { pay: { status: 'completed' } },
    })
    const heard = ['paid: 17', 'first: CancelledError', 'last: CancelledError', 'clean']
    expect(log).toEqual(undo ? [...heard, 'pays back 17'] : heard)
  }
})

it('a call that must not be repeated and has not begun is not made after a cancellation', async () => {
  const log: string[] = []
  const [busy, door] = [gate(), gate()]
  const hold = flow((ctx) => ctx.step('hold', () => busy.pass(), { resource: 'till' }))
  const pay = defineWorkflow({
    name: 'pay',
    input: z.object({}),
    run: (ctx) => ctx.step('pay', () => log.push('paid'), { ...ONCE, resource: 'till' }).catch((e) => log.push(e.name)),
  })
  const { start, runs, ended } = await openRuns({ workflows: [hold, pay] }, makeFolder(), {
    resources: { till: { slots: 1, steps: true } } as never,
  })
  await start('flow', {}, 'holds')
  await busy.started
  await start('pay')
  await until(async () => (await runs.get('r')).steps.pay)
  await runs.cancel('r', 'enough')
  busy.release()
  expect((await ended()).status).toBe('cancelled')
  expect(log).toEqual(['CancelledError'])
  door.release()
})

it.each([
  ['done', 'paid: {"receipt":3}', ['pays back {"receipt":3}']],
  ['not-done', 'paid: CancelledError', []],
  ['fail', 'paid: TerminalError', []],
] as const)('after a crash, a person settles such a step of a cancelled run: %s', async (outcome, heard, undone) => {
  const folder = makeFolder()
  const door = gate()
  let calls = 0
  const log: string[] = []
  const pay = (signal: AbortSignal) => {
    calls++
    return door.pass(signal)
  }
  const first = await openRuns({ workflows: [paying([], pay)] }, folder)
  await first.start('flow')
  await door.started
  await first.runs.cancel('r', 'enough', { undo: true })
  await first.stop()
  const { runs, runtime, ended, waits } = await openRuns({ workflows: [paying(log, pay)] }, folder)
  await runs.resume('r')
  await expect.poll(() => runtime.inbox.list({ run: 'r' })).toMatchObject([{ kind: 'unknown', step: 'pay' }])
  await waits()
  await runs.settle('r', 'pay', outcome === 'done' ? { outcome, result: { receipt: 3 } } : { outcome })
  expect(await ended()).toMatchObject({ status: 'cancelled', error: 'enough' })
  expect(log).toEqual([heard, 'first: CancelledError', 'last: CancelledError', 'clean', ...undone])
  expect(calls).toBe(1)
})

it('a question about such a step stays when its run is cancelled', async () => {
  const folder = makeFolder()
  const door = gate()
  const log: string[] = []
  const first = await openRuns({ workflows: [paying([], (signal) => door.pass(signal))] }, folder)
  await first.start('flow')
  await door.started
  await first.stop()
  const { runs, runtime, ended } = await openRuns({ workflows: [paying(log, (signal) => door.pass(signal))] }, folder)
  await runs.resume('r')
  const asked = () => until(async () => (await runtime.inbox.list({ run: 'r' })).some(({ kind }) => kind === 'unknown'))
  await asked()
  await runs.cancel('r', 'enough', { undo: true })
  await asked()
  await runs.settle('r', 'pay', { outcome: 'done', result: 8 })
  expect((await ended()).status).toBe('cancelled')
  expect(log).toEqual(['paid: 8', 'first: CancelledError', 'last: CancelledError', 'clean', 'pays back 8'])
})

it('a call that does not end within a minute is cut off, and a person settles it', async () => {
  const log: string[] = []
  let aborted = false
  const workflow = paying(log, (signal) => {
    signal.addEventListener('abort', () => (aborted = true))
    return gate().pass(signal)
  })
  const clock = simulatedClock()
  const { start, runs, runtime, ended } = await openRuns({ workflows: [workflow], clock })
  await start('flow')
  await until(async () => (await runs.get('r')).steps.look)
  await runs.cancel('r', 'enough')
  await until(() => clock.next)
  await clock.advance(59_000)
  expect(aborted).toBe(false)
  await clock.advance(2_000)
  const asked = async () => (await runtime.inbox.list({ run: 'r' })).find(({ kind }) => kind === 'unknown')
  const { title } = await until(asked)
  expect(aborted).toBe(true)
  expect(title).toContain('did not end within a minute after its run was cancelled')
  await runs.settle('r', 'pay', { outcome: 'fail' })
  expect((await ended()).status).toBe('cancelled')
  expect(log).toEqual(['paid: TerminalError', 'first: CancelledError', 'last: CancelledError', 'clean'])
})

it('a run does not end before a step that must not be repeated has ended', async () => {
  const log: string[] = []
  const door = gate()
  const workflow = defineWorkflow({
    name: 'flow',
    input: z.object({}),
    onFailure: 'undo',
    async run(ctx) {
      const pay = ctx.step('pay', () => door.pass().then(() => 5), {
        ...ONCE,
        undo: (receipt) => void log.push(`pays back ${receipt}`),
      })
      await Promise.all([pay, ctx.step('reserve', () => Promise.reject(new TypeError('sold out')), { retry: 0 })])
    },
  })
  const { start, runs, ended } = await openRuns({ workflows: [workflow] })
  await start('flow')
  await door.started
  await until(async () => (await runs.get('r')).steps.reserve?.status === 'failed')
  door.release()
  expect(await ended()).toMatchObject({ status: 'failed', error: 'sold out', steps: { pay: { undone: true } } })
  expect(log).toEqual(['pays back 5'])
})

it('followers of a run hear its steps, also while it cleans up', async () => {
  const workflow = flow(async (ctx) => {
    await ctx.step('pay', ({ delta }) => delta('pays'), ONCE)
    await ctx.signal('go').catch(() => {})
    await ctx.step('clean', ({ delta }) => delta('cleans'))
  })
  const { start, runs, runtime, ended } = await openRuns({ workflows: [workflow] })
  const heard: unknown[] = []
  const following = (async () => {
    for await (const delta of runtime.inspector.deltas('r', AbortSignal.timeout(20_000)))
      if (heard.push(delta) === 2) break
  })()
  await start('flow')
  await until(async () => (await runs.get('r')).steps['wait-go'])
  await runs.cancel('r', 'enough')
  await ended()
  await following
  expect(heard).toEqual(['pays', 'cleans'])
})

it('a run that ends cancels the runs that it called, and leaves alone those that it started', async () => {
  const waits = defineWorkflow({ name: 'waits', input: z.object({}), run: (ctx) => ctx.signal('go') })
  const workflow = flow(async (ctx) => {
    await ctx.start(waits, {}, { id: 'started' })
    void ctx.call(waits, {}, { name: 'called' })
    await ctx.signal('end')
  })
  const { start, runs, ended } = await openRuns({ workflows: [workflow, waits] })
  await start('flow')
  const isWaiting = (id: string) =>
    runs.get(id).then(
      ({ steps }) => steps['wait-go'],
      () => undefined,
    )
  await until(async () => (await isWaiting('started')) && (await isWaiting('r.called')))
  await runs.signal('r', 'end', null)
  expect((await ended()).status).toBe('completed')
  expect((await ended('r.called')).status).toBe('cancelled')
  await runs.signal('started', 'go', 1)
  expect((await ended('started')).status).toBe('completed')
})
