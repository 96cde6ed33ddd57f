import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, test } from 'vitest'
import { z } from 'zod'
import { exportedHistories } from '../../src/http/server/check-start.ts'
import { until } from '../../src/testing/until.ts'
import { changesIn, checkRuns, hintsIn } from '../../src/workflow/check/check-runs.ts'
import type { WorkflowContext } from '../../src/workflow/definition/context.ts'
import { listWorkflows } from '../../src/workflow/definition/workflow-list.ts'
import { defineWorkflow } from '../../src/workflow/definition/workflow-value.ts'
import { makeFolder, openRuns } from './open-runs.ts'

const flow = (run: (ctx: WorkflowContext) => Promise<unknown>, version = 1) =>
  defineWorkflow({ name: 'flow', version, input: z.any(), run })

const effects: string[] = []
const before = flow(async (ctx) => {
  const n = await ctx.step('a', () => {
    effects.push('a')
    return 1
  })
  await ctx
    .step(
      'bad',
      () => {
        throw new Error('no')
      },
      { retry: 0 },
    )
    .catch(() => 1)
  await ctx.signal('go')
  return ctx.step('b', () => n)
})

/** A run that waits for a signal, its folder, and its history in a file. */
async function waiting() {
  const folder = makeFolder()
  const opened = await openRuns({ workflows: [before] }, folder)
  await opened.start('flow', { id: 7 })
  await until(async () => (await opened.runs.get('r')).steps['wait-go'])
  const file = join(folder, 'r.json')
  writeFileSync(file, JSON.stringify(await opened.runtime.workflows.history('r')))
  return { ...opened, folder, file }
}

it('an exported history is replayed against other code, without effects', async () => {
  const { file, runtime } = await waiting()
  const check = (...workflows: Parameters<typeof listWorkflows>) =>
    checkRuns(listWorkflows(...workflows), exportedHistories(file))
  expect(await runtime.workflows.check()).toMatchObject({
    checked: 1,
    more: false,
    versions: [{ name: 'flow', version: 1, isHere: true, open: 1, changes: [], differs: [], hints: [] }],
  })
  effects.length = 0
  const renamed = await check([
    flow(async (ctx) => {
      await ctx.step('first', () => effects.push('first'))
      return ctx.signal('go')
    }),
  ])
  expect(renamed.versions[0]?.differs).toEqual([
    {
      run: 'r',
      message: expect.stringMatching(
        /began step `a` at .*, and the code now begins step `first` at check\.test\.ts:\d+/,
      ),
      hint: expect.stringContaining("ctx.renamed('a', 'first')"),
    },
  ])
  const patched = await check([
    flow(async (ctx) => {
      if (ctx.patched('early')) await ctx.step('new', () => effects.push('new'))
      await ctx.step('a', () => effects.push('a'))
      await ctx.dropped('bad')
      await ctx.signal('go')
      if (ctx.patched('late')) await ctx.step('new', () => effects.push('new'))
    }),
  ])
  expect(patched.versions).toMatchObject([
    {
      open: 1,
      differs: [],
      changes: [
        { name: 'early', old: 1 },
        { name: 'bad', old: 1 },
        { name: 'late', old: 0 },
      ],
    },
  ])
  const stricter = defineWorkflow({ ...before, input: z.object({ id: z.string() }), run: (ctx) => before.run(ctx, {}) })
  expect((await check([stricter])).versions).toMatchObject([
    { differs: [], hints: [expect.stringContaining('input.id: expected a string, got a number')] },
  ])
  const gone = await check([flow(async () => 1, 2)])
  expect(gone.versions).toMatchObject([
    { version: 2, isHere: true, open: 0 },
    { version: 1, isHere: false, open: 1 },
  ])
  const fails = await check([
    flow(async (ctx) => {
      await ctx.step('a', () => 1)
      throw new TypeError('a bug')
    }),
  ])
  expect(fails.versions[0]?.differs).toMatchObject([{ message: expect.stringContaining('fails before it: a bug') }])
  expect(effects).toEqual([])
})

it('a run in a loop is replayed from its newest iteration', async () => {
  const loop = (name: string, change: (ctx: WorkflowContext) => void = () => {}) =>
    flow((ctx) =>
      ctx.loop(0, async (n) => {
        change(ctx)
        if (name !== '') await ctx.step(name, () => n)
        if (n === 2) await ctx.signal('go')
        return n === 3 ? { done: n } : { next: n + 1 }
      }),
    )
  const { start, runs, runtime } = await openRuns({ workflows: [loop('a')] })
  await start('flow')
  await until(async () => (await runs.list({ status: 'waiting' }))[0])
  const history = JSON.parse(JSON.stringify(await runtime.workflows.history('r')))
  async function* one() {
    yield history
  }
  const differs = async (...code: Parameters<typeof loop>) =>
    (await checkRuns(listWorkflows([loop(...code)]), one())).versions[0]?.differs
  expect(await differs('a')).toEqual([])
  expect(await differs('b', (ctx) => ctx.renamed('a', 'b'))).toEqual([])
  expect(await differs('', (ctx) => void ctx.dropped('a'))).toEqual([])
  expect(await differs('a', (ctx) => void ctx.patched('p'))).toEqual([])
  const [found] = (await differs('b'))!
  expect(found).toMatchObject({ hint: expect.stringContaining("ctx.renamed('a', 'b')") })
})

it('a history is read by its owner alone, and a file with anything else is refused', async () => {
  const { runtime, runs, folder } = await waiting()
  await expect(runtime.workflows.history('nothing')).rejects.toMatchObject({ code: 'not_found' })
  const step = { id: 'a', action: 'echo {{ 1 }}' }
  await runs.start({ source: { text: JSON.stringify({ name: 'p', steps: [step] }) }, id: 'pipeline' })
  await expect(runtime.workflows.history('pipeline')).rejects.toMatchObject({ code: 'not_found' })
  const file = join(folder, 'wrong.json')
  for (const text of ['no json', '{"run": 1}', '[null]']) {
    writeFileSync(file, text)
    await expect(checkRuns(listWorkflows([before]), exportedHistories(file))).rejects.toMatchObject({
      name: 'InvalidError',
    })
  }
})

test('the source of a workflow is read for races of waits', () => {
  const hints = (run: (ctx: WorkflowContext) => unknown) => hintsIn(String(run))
  const found = [expect.stringContaining('write ctx.race([…])')]
  expect(hints((ctx) => Promise.race([ctx.signal('paid'), ctx.sleep('3d')]))).toEqual(found)
  expect(
    hints(async (ctx) => {
      const paid = ctx.signal('paid')
      return Promise.any([ctx.step('a', () => 1), paid])
    }),
  ).toEqual(found)
  expect(hints((ctx) => ctx.race([ctx.signal('paid'), ctx.sleep('3d')]))).toEqual([])
  expect(hints((ctx) => [Promise.race([ctx.step('a', () => 1), ctx.step('b', () => 2)]), ctx.signal('c')])).toEqual([])
})

test('the source of a workflow is read for calls that a replay makes again, outside of steps', () => {
  const source = (run: (ctx: WorkflowContext) => unknown) => String(run)
  const wrong = source(async (ctx) => {
    // Math.random() in a comment
    const at = Date.now()
    await ctx.step('fetch', async () => [await fetch('x'), ')', Math.random()])
    await new Promise((resolve) => setTimeout(resolve, at))
    return 'randomUUID()'
  })
  expect(hintsIn(wrong)).toEqual([
    'Date.now() is called again in each replay: write ctx.now()',
    'setTimeout() is called again in each replay: write ctx.sleep(time)',
  ])
  expect(hintsIn(source((ctx) => [ctx.now(), ctx.random(), ctx.uuid()]))).toEqual([])
  expect(changesIn(source((ctx) => [ctx.patched('a'), ctx.dropped('b'), ctx.patched('a')]))).toEqual(['a', 'b'])
})
