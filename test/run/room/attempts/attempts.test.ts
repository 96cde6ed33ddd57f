import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addTries, attemptsOf, type FailedTries, StepRows } from '../../../../src/run/room/list/step-rows.ts'
import { until } from '../../../../src/testing/until.ts'
import { openFolder } from '../../../runtime/inspect/folder.ts'
import { makeFolder } from '../../../workflow/open-runs.ts'
import { openShaky } from './program.ts'

const problem = { code: 'busy', name: 'BusyError', message: 'later' }

async function* numbered(bodies: readonly object[]) {
  for (const [index, body] of bodies.entries()) yield { n: index + 1, body }
}

test('an event may have no times; a row keeps the last twenty attempts', async () => {
  const waits = Array.from({ length: 25 }, (_, index) => ({
    type: 'step-wait',
    step: 'one',
    until: (index + 1) * 1000,
    attempts: index + 1,
    problem,
  }))
  const found: FailedTries = new Map()
  expect(await addTries(found, numbered([...waits, { type: 'step-start', step: 'two' }]))).toBe(26)
  expect([...found.keys()]).toEqual(['one'])
  expect(found.get('one')).toHaveLength(20)
  expect(found.get('one')!.at(-1)).toEqual({
    attempt: 25,
    started_at: null,
    ms: null,
    code: 'busy',
    message: 'later',
    until: '1970-01-01T00:00:25.000+00:00',
  })
})

test('the attempts of one turn come before the pause that follows them, and before the end', async () => {
  const tries = (attempt: number) => [{ attempt, code: 'busy', message: 'later', at: attempt, ms: 1 }]
  const found: FailedTries = new Map()
  const wait = { type: 'step-wait', step: 'one', at: 2, ms: 1, until: 9, attempts: 2, problem, tries: tries(1) }
  const end = { type: 'step-end', step: 'one', status: 'completed', attempts: 4, ms: 1, tries: tries(3) }
  await addTries(found, numbered([wait, end]))
  expect(found.get('one')!.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
})

const step = { status: 'running', started_at: null, duration: null, retries: 0, error: null } as const

test('an attempt that works now has no end, and begins when the pause before it ended', () => {
  const first = attemptsOf(step as never, undefined, 10)
  expect(first).toEqual([{ attempt: 1, started_at: null, ms: null, code: null, message: null }])
  const paused = { ...step, status: 'waiting', retry_at: '1970-01-01T00:00:05.000+00:00' }
  const failed = { attempt: 1, started_at: null, ms: null, code: 'busy', message: 'later' }
  expect(attemptsOf(paused as never, [failed], 4000)).toEqual([failed])
  expect(attemptsOf(paused as never, [failed], 5000).at(-1)).toMatchObject({ attempt: 2, started_at: paused.retry_at })
})

test.each(['pipeline', 'workflow'])('a %s tells the attempts that failed in one turn', async (language) => {
  const folder = makeFolder()
  const runtime = await openShaky({ folder })
  const { runs } = runtime
  try {
    const file = join(folder, 'lines')
    const retry = 'retry: 3, retry_config: { initial_delay: 0.001 }'
    const text = `name: shaky\nsteps: [{ id: counted, tool: third, ${retry}, parameters: { file: ${file} } }]`
    const { id } = await runs.start(
      language === 'pipeline' ? { source: { text } } : { workflow: 'shaky', input: { folder, dies: false } },
    )
    const run = await until(async () => {
      const run = await runs.get(id)
      return run.completed_at === null ? undefined : run
    })
    const [row] = await runs.steps(id)
    const { attempts, retries, started_at } = row!
    const failed = { code: expect.any(String), message: 'the server said 500', until: expect.any(String) }
    expect(attempts).toMatchObject([
      ...Array.from({ length: language === 'pipeline' ? 2 : 1 }, (_, index) => ({ attempt: index + 1, ...failed })),
      { attempt: retries + 1, code: null, message: null, started_at },
    ])
    let at = Date.parse(run.started_at)
    for (const { started_at, ms, until = run.completed_at } of attempts) {
      expect(Date.parse(started_at!)).toBeGreaterThanOrEqual(at)
      expect(Date.parse(started_at!) + ms!).toBeLessThanOrEqual(Date.parse(until!))
      at = Date.parse(started_at!) + ms!
    }
    expect((await runs.step(id, 'counted')).attempts).toEqual(attempts)
  } finally {
    await runtime.stop({ grace: 0 })
  }
})

test('a later page is of the same reading, unless something has happened since', async () => {
  const runtime = await openShaky({ folder: makeFolder() })
  try {
    const steps = Array.from({ length: 5 }, (_, n) => `  - { id: s${n}, tool: debug, parameters: { message: hi } }`)
    const { id } = await runtime.runs.start({ source: { text: `name: five\nsteps:\n${steps.join('\n')}` } })
    await until(async () => (await runtime.runs.get(id)).completed_at !== null)
    const first = await runtime.runs.steps(id, { limit: 2 })
    const rest = await runtime.runs.steps(id, { after: first.at(-1)!.id })
    expect([...first, ...rest]).toEqual(await runtime.runs.steps(id))
  } finally {
    await runtime.stop({ grace: 0 })
  }
})

test('an attempt that works tells since when, before it ends', async () => {
  const { path, write, open } = openFolder()
  const { runs } = await open()
  const before = Date.now()
  const text = `name: held\nsteps: [{ id: a, tool: hold, parameters: { file: ${path('go')} } }]`
  const { id } = await runs.start({ source: { text } })
  const [attempt] = await until(async () => {
    const { attempts = [] } = (await runs.steps(id))[0] ?? {}
    return attempts[0]?.started_at ? attempts : undefined
  })
  expect(attempt).toMatchObject({ attempt: 1, ms: null, code: null })
  expect(Date.parse(attempt!.started_at!)).toBeGreaterThanOrEqual(before)
  write('go', '')
  await until(async () => (await runs.get(id)).completed_at !== null)
})

test('a step in the queue of a pool waits for it, also after a pause; one that waits for a person does not', async () => {
  const waiting = { status: 'waiting', dependencies: [], retries: 1 }
  const steps = {
    a: { ...waiting, id: 'a', retry_at: '1970-01-01T00:00:05.000+00:00' },
    b: { ...waiting, id: 'b', waits_for: 'signal:b' },
  }
  const at = new Map(Object.keys(steps).map((step) => [step, { since: undefined, isQueued: true }]))
  const rows = new StepRows({
    events: () => numbered([]),
    read: async () => ({ steps, started_at: '', completed_at: null }) as never,
    working: async () => at,
    now: () => 9000,
  })
  const [a, b] = await rows.page('r')
  expect(a).toMatchObject({ waits_for: 'pool', attempts: [{ attempt: 2, started_at: steps.a.retry_at, ms: null }] })
  expect(b!.waits_for).toBe('signal:b')
})

test('a run is read once for all of its pages, and again after an event', async () => {
  const [events, reads] = [[{ n: 1, body: { type: 'run-start' } }], [] as string[]]
  const steps = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`s${n}`, { id: `s${n}`, dependencies: [] }]))
  const rows = new StepRows({
    events: async function* (_run, after = 0) {
      yield* events.filter(({ n }) => n > after)
    },
    async read(run) {
      reads.push(run)
      return { steps, started_at: '', completed_at: '' } as never
    },
    working: async () => new Map(),
    now: () => 0,
  })
  const found: string[] = []
  for (let after: string | undefined; found.length < 250; after = found.at(-1))
    found.push(...(await rows.page('r', after === undefined ? {} : { after })).map(({ id }) => id))
  expect([found, reads]).toEqual([Object.keys(steps), ['r']])
  events.push({ n: 2, body: { type: 'run-end' } })
  await rows.page('r', { after: 's1' })
  await rows.page('other', { after: 's1' })
  expect(reads).toEqual(['r', 'r', 'other'])
})
