import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import type { ActorSummary, Branch, LetterSummary, Why } from '../../src/runtime/ports/inspector.ts'
import { until } from '../../src/testing/index.ts'
import { openBench } from './commands.ts'
import { runHere } from './here.ts'
import { REAL } from './programs.ts'

const TOOLS = fileURLToPath(new URL('../runtime/inspect/tools.ts', import.meta.url))

/** A folder with a pipeline whose steps wait for the file `go`, and the real commands. */
function openProject(steps: readonly string[]) {
  const bench = openBench(REAL)
  bench.write('antiphon.yaml', `plugins: [${TOOLS}]`, 'pool: { workers: 1, queue: 10 }', 'embedder: none')
  const lines = steps.map((id) => `  - { id: ${id}, tool: hold, parameters: { file: ${bench.path('go')} } }`)
  bench.write('p.yaml', 'name: held', 'steps:', ...lines)
  const start = (...args: readonly string[]) => bench.start(args)
  const json = async <T>(...args: readonly string[]) => JSON.parse((await bench.run(...args, '--json')).out) as T
  const startWith = (command: readonly string[]) => bench.start([], command)
  return { ...bench, start, startWith, json }
}

/** A run under way in a process of its own. */
async function startRun(project: ReturnType<typeof openProject>) {
  const running = project.start('run', 'p.yaml')
  await running.said('held: ')
  const [run] = await project.json<{ id: string }[]>('runs')
  return { running, id: run!.id }
}

it('why follows a run to its steps while it runs, and after a kill says how to go on', async () => {
  const project = openProject(['first', 'second'])
  const { running, id } = await startRun(project)
  const live = await until(async () => {
    const { out } = await project.run('why', id)
    return out.includes('in the queue of') && out
  })
  expect(live).toMatch(new RegExp(`^run/${id}  running\\n  has waited [\\d.]+ m?s for 2 actors`))
  expect(live).toContain(`  step/${id}.first  working\n    effect execute (the tool hold), attempt 1 of 3 for `)
  expect(live).toContain('    → continues when the tool hold is done')
  expect(live).toContain(
    'is number 1 of 1 in the queue of the pool text_step_pool\n    → continues when a worker is free',
  )
  expect((await project.run('runs')).err).toBe('')
  running.child.kill('SIGKILL')
  await running.ended
  expect((await project.run('runs', '--json')).err).toBe('')
  expect((await project.run('runs')).err).toBe(
    '1 run is marked as running, but no process is working on it. To see why: antiphon why RUN\n',
  )
  const left = (await project.run('why', id)).out
  expect(left).toContain(`  step/${id}.first  interrupted\n    was interrupted`)
  expect(left).toContain(`    → to continue: antiphon resume ${id}`)
  expect((await project.json<Why>('why', id)).waitsFor.map(({ status }) => status)).toEqual(['left', 'left'])
  project.write('go', '')
  expect((await project.run('resume', id)).code).toBe(0)
  expect((await project.run('why', `run/${id}`)).out).toMatch(
    /^run\/\S+ {2}completed\n {2}waits for nothing; it ended at .*\n {2}→ to see its steps: antiphon show run_/,
  )
})

it('actors and trees are shown of a folder that a killed process left', async () => {
  const project = openProject(['only'])
  const { running, id } = await startRun(project)
  await until(async () => (await project.json<ActorSummary[]>('actors', 'list')).length === 2)
  running.child.kill('SIGKILL')
  await running.ended
  const listed = await project.json<ActorSummary[]>('actors', 'list')
  expect(listed.map(({ of, status }) => [of, status])).toEqual([
    [`run/${id}`, 'running'],
    [`step/${id}.only`, 'left'],
  ])
  const table = await project.run('actors', 'list', '--kind', 'run', '--limit', '1')
  expect(table).toMatchObject({ code: 0, err: expect.stringContaining('There may be more') })
  expect(table.out).toMatch(/^ACTOR +STATUS +WAITING +COMMITS +EFFECT\nrun\/\S+ +running +0 +\d+ +-\n$/)
  expect((await project.run('actors', 'show', id)).out).toContain('status: running\n')
  const [tree] = await project.json<Branch[]>('tree')
  expect(tree).toMatchObject({ of: `run/${id}`, branches: [{ of: `step/${id}.only`, status: 'left' }] })
  expect((await project.run('tree', id)).out).toContain(`└─ - step/${id}.only  interrupted, `)
  expect((await project.run('doctor')).out).toContain('no actor waits for something that will never come')
})

it('tail prints the events that were, then those that come', async () => {
  const project = openProject(['only'])
  const { running, id } = await startRun(project)
  const tail = project.start('actors', 'tail', id, '--json')
  await tail.said('"step-start"')
  project.write('go', '')
  await tail.said('"run-end"')
  tail.child.kill('SIGINT')
  const { code, out } = await tail.ended
  expect(code).toBe(130)
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { n: number; body: { type: string } })
  expect(events.map(({ n }) => n)).toEqual(events.map((_, index) => index + 1))
  expect(events.at(-1)!.body.type).toBe('run-end')
  expect((await running.ended).code).toBe(0)
})

it('dead letters are listed, shown, sent again and dropped', async () => {
  const project = openProject(['only'])
  const program = join(import.meta.dirname, 'make-letters.ts')
  const made = project.startWith([process.execPath, program, project.folder])
  expect((await made.ended).code).toBe(0)
  const letters = await project.json<LetterSummary[]>('deadletters', 'list')
  expect(letters.map(({ id }) => id).sort()).toEqual(['letter-1', 'letter-2'])
  expect((await project.run('deadletters', 'list')).out).toMatch(/letter-1 +\S+ \S+ +run\/nothing +invalid_input/)
  const more = (limit: string) => project.run('deadletters', 'list', '--limit', limit).then(({ err }) => err)
  expect(await more(String(letters.length))).toBe(
    `There may be more: the list is limited to ${letters.length} (--limit).\n`,
  )
  expect(await more(String(letters.length + 1))).toBe('')
  expect((await project.run('doctor')).out).toMatch(
    /^ok {3}actors .*no actor waits for something that will never come; 2 dead letters, see: antiphon deadletters list$/m,
  )
  const shown = (await project.run('deadletters', 'show', 'letter-1')).out
  expect(shown).toContain('password: (hidden)')
  const retried = await project.run('deadletters', 'retry', 'letter-1')
  expect(retried).toMatchObject({ code: 1, out: expect.stringContaining('letter-1: failed again, invalid_input') })
  expect(await project.run('deadletters', 'drop', 'letter-2')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--yes'),
  })
  expect(await project.run('deadletters', 'drop', 'letter-2', '--yes')).toMatchObject({
    code: 0,
    out: 'letter-2 to run/nothing: dropped\n',
  })
  expect(await project.run('deadletters', 'show', 'letter-2')).toMatchObject({
    code: 2,
    err: expect.stringContaining('There is no dead letter letter-2'),
  })
})

it('without earlier work there is nothing to list, and no folder is created', async () => {
  const { run, folder } = openProject([])
  for (const args of [['actors', 'list'], ['tree'], ['deadletters', 'list']])
    expect([args, (await run(...args, '--json')).out]).toEqual([args, '[]\n'])
  for (const args of [
    ['why', 'run_x'],
    ['actors', 'show', 'run_x'],
    ['deadletters', 'show', 'x'],
    ['deadletters', 'retry', 'x'],
    ['actors', 'tail', 'run/run_x'],
    ['logs', '-f', 'run_x'],
    ['resume', 'run_x'],
    ['cancel', 'run_x'],
    ['fork', 'run_x', '--at', 'a'],
    ['replay', 'run_x', '--detach'],
    ['signal', 'run_x', 'a', 'b'],
    ['decide', 'ask_x', 'accept'],
    ['consent', 'ask_x', '1', 'keep'],
    ['budget', 'raise', 'run/x', '2'],
    ['budget', 'remove', 'run/x'],
    ['pools', '--watch'],
    ['top', '--interval', '1'],
    ['backup', 'x.backup'],
  ])
    expect([args, await run(...args)]).toMatchObject([
      args,
      { code: 2, err: expect.stringContaining('Nothing was started here yet') },
    ])
  expect(existsSync(join(folder, '.antiphon'))).toBe(false)
})

it.each([
  [undefined, ''],
  ['n', ''],
  ['y', 'Nothing was started here yet'],
])('the answer %j to the question before dropping letters is respected', async (answer, err) => {
  const { folder } = openProject([])
  const asked: string[] = []
  const read = async (question: string) => {
    asked.push(question)
    return answer
  }
  const ended = await runHere(REAL, ['deadletters', 'drop', 'a', 'b'], { folder, live: true, read })
  expect(ended).toEqual({ code: err === '' ? 1 : 2, out: '', err: expect.stringContaining(err) })
  expect(asked).toEqual(['Drop 2 letters for good? [y/N] '])
})
