import { describe, expect, test } from 'vitest'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { compileText } from '../../src/pipeline/language/compile.ts'
import type { StepStrategy } from '../../src/pipeline/plan/strategy.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { gate, memoryValues, openWorkshop, tool } from './workshop.ts'

type Asked = Parameters<StepStrategy>[0]

/** One step at a time, the last ready one first. */
const lastFirst: StepStrategy = ({ ready, running }) => (running.length > 0 ? [] : [ready.at(-1)!.id])

/** A workshop whose pipelines may name the strategy `own`, and what it was asked. */
function openWith(own: StepStrategy, options: Parameters<typeof openWorkshop>[0] = {}) {
  const asked: Asked[] = []
  const strategy: StepStrategy = (steps) => {
    asked.push(steps)
    return own(steps)
  }
  return { asked, ...openWorkshop({ ...options, services: { strategies: { own: strategy } } }) }
}

const DIAMOND = `
name: diamond
strategy: own
steps:
  - { id: a, tool: say, parameters: { at: a, v: 1 } }
  - { id: b, tool: say, parameters: { at: b, v: 2 } }
  - { id: c, tool: say, parameters: { at: c, v: "{{ a.v }}" } }
  - { id: d, tool: say, parameters: { at: d, v: "{{ b.v }}{{ c.v }}" } }
outputs: { o: "{{ d.v }}" }`

const orderOf = ({ calls }: { readonly calls: readonly { readonly input: Json }[] }) =>
  calls.map(({ input }) => (input as { readonly at: string }).at)

const ids = (steps: Asked['ready']) => steps.map(({ id }) => id)

describe('a strategy of the program', () => {
  test('decides which of the ready steps begin, and knows level and tool of each', async () => {
    const workshop = openWith(lastFirst)
    expect(await workshop.run(DIAMOND)).toMatchObject({ status: 'completed', outputs: { o: '21' } })
    expect(orderOf(workshop)).toEqual(['b', 'a', 'c', 'd'])
    expect(workshop.asked[0]).toEqual({
      ready: [
        { id: 'a', level: 0, tool: 'say' },
        { id: 'b', level: 0, tool: 'say' },
      ],
      running: [],
    })
    expect(workshop.asked.map(({ ready }) => ids(ready))).toEqual([['a', 'b'], ['a'], ['c'], ['d']])
    expect(workshop.asked.at(-1)!.ready).toEqual([{ id: 'd', level: 2, tool: 'say' }])
  })

  test('sees what runs, and is asked again after each end', async () => {
    const held = gate()
    const slow = tool('slow', () => held.arrive().then(() => ({})))
    const workshop = openWith(({ ready, running }) => ids(ready).slice(0, 2 - running.length), { tools: [slow] })
    const end = workshop.run(`
name: two
strategy: own
steps:
  - { id: hold, tool: slow, retry: 0 }
${[1, 2, 3].map((n) => `  - { id: s${n}, tool: say, retry: 0, parameters: { at: s${n}, v: ${n} } }`).join('\n')}`)
    await held.reached
    for (let tries = 0; tries < 200 && workshop.calls.length < 3; tries++) await new Promise((next) => setTimeout(next))
    expect(orderOf(workshop)).toEqual(['s1', 's2', 's3'])
    expect(workshop.asked.map(({ running }) => ids(running))).toEqual([[], ['hold'], ['hold']])
    held.release()
    expect(await end).toMatchObject({ status: 'completed' })
  })

  test('begins at most 32 steps, and is asked for the rest', async () => {
    const workshop = openWith(({ ready }) => ids(ready))
    const steps = Array.from(
      { length: 300 },
      (_, n) => `  - { id: s${n}, tool: say, retry: 1, parameters: { at: s${n}, v: ${n} } }`,
    )
    const end = await workshop.run(`name: wide\nstrategy: own\nsteps:\n${steps.join('\n')}`)
    expect(end).toMatchObject({ status: 'completed', done: 300 })
    // it is not asked before all that is ready is known
    expect(workshop.asked[0]!.ready).toHaveLength(300)
    expect(Math.max(...workshop.asked.map(({ running }) => running.length))).toBeLessThan(32)
    expect(new Set(orderOf(workshop)).size).toBe(300)
  })

  test('sees at most 1,024 ready steps of a wide pipeline, and the others after them', async () => {
    const workshop = openWith(({ ready }) => ids(ready))
    const steps = Array.from(
      { length: 2100 },
      (_, n) => `  - { id: s${n}, tool: say, retry: 1, parameters: { at: s${n}, v: ${n} } }`,
    )
    const end = await workshop.run(`name: wider\nstrategy: own\nsteps:\n${steps.join('\n')}`)
    expect(end).toMatchObject({ status: 'completed', done: 2100 })
    expect(Math.max(...workshop.asked.map(({ ready }) => ready.length))).toBe(1024)
    expect(orderOf(workshop).map((id) => Number(id.slice(1)))).toEqual(Array.from({ length: 2100 }, (_, n) => n))
  })

  test('gets no skipped step, and the step that a route leads to', async () => {
    const workshop = openWith(lastFirst)
    const end = await workshop.run(`
name: routed
strategy: own
steps:
  - { id: a, tool: say, parameters: { at: a, v: 1 }, on_success: d }
  - { id: b, tool: say, depends_on: [a], parameters: { at: b, v: 2 } }
  - { id: c, tool: say, depends_on: [b], parameters: { at: c, v: 3 } }
  - { id: d, tool: say, parameters: { at: d, v: 4 } }`)
    expect(end).toMatchObject({ status: 'completed', done: 2, skipped: 2 })
    expect(orderOf(workshop)).toEqual(['a', 'd'])
    expect(workshop.asked.map(({ ready }) => ids(ready))).toEqual([['a'], ['d']])
  })

  test('sees a loop as one step: its iterations run as the loop says', async () => {
    const workshop = openWith(lastFirst)
    const end = await workshop.run(`
name: nested
strategy: own
steps:
  - id: outer
    for_each: [1, 2]
    max_parallel: 2
    steps:
      - id: inner
        for_each: [3, 4]
        max_parallel: 2
        steps:
          - { id: one, tool: say, parameters: { at: one, v: "{{ item }}" } }
          - { id: two, tool: say, parameters: { at: two, v: "{{ one.v }}" } }
  - { id: after, tool: say, depends_on: [outer], parameters: { at: after, v: 1 } }
  - { id: first, tool: say, parameters: { at: first, v: 1 } }`)
    expect(end).toMatchObject({ status: 'completed' })
    expect(workshop.calls).toHaveLength(10)
    expect(orderOf(workshop)[0]).toBe('first')
    expect(orderOf(workshop).at(-1)).toBe('after')
    expect(workshop.asked.map(({ ready }) => ids(ready))).toEqual([['outer', 'first'], ['outer'], ['after']])
    expect(workshop.asked[0]!.ready[0]).toEqual({ id: 'outer', level: 0 })
  })

  test.each([
    ['is a text, where a list is expected', () => 'a' as never, 'expected a list of ids, got string'],
    ['is a promise', (async () => ['a']) as never, 'expected a list of ids, got object'],
    [
      'is a promise that fails',
      (async () => Promise.reject(new Error('late'))) as never,
      'expected a list of ids, got object',
    ],
    ['has an unknown id', () => ['z'], 'it gave "z", which is not ready'],
    ['has a step that waits', () => ['a', 'd'], 'it gave "d", which is not ready'],
    ['is empty while nothing runs', () => [], 'it gave no step while none runs. Ready: a, b'],
    ['is an error', () => raise('the moon is full'), 'the moon is full'],
  ] as const)('fails the run if its answer %s', async (_, own: StepStrategy, why) => {
    const workshop = openWith(own)
    const end = await workshop.run(DIAMOND)
    expect(end).toMatchObject({
      status: 'failed',
      problem: { code: 'strategy_failed', message: `The strategy own failed: ${why}` },
    })
    expect(workshop.calls).toEqual([])
  })

  test('that fails later lets the steps that run end first', async () => {
    const own: StepStrategy = ({ ready, running }) =>
      ready.some(({ id }) => id === 'c') ? ['z'] : ids(running.length ? [] : ready)
    const end = await openWith(own).run(DIAMOND)
    expect(end).toMatchObject({ status: 'failed', done: 2, problem: { code: 'strategy_failed' } })
  })

  test('cannot change what the run knows', async () => {
    const workshop = openWith(({ ready }) => {
      const all = ids(ready)
      ;(ready as Asked['ready'][number][]).length = 0
      return all
    })
    expect(await workshop.run(DIAMOND)).toMatchObject({ status: 'completed', outputs: { o: '21' } })
  })
})

function raise(message: string): never {
  throw new Error(message)
}

describe('a kill', () => {
  test.each([1, 2, 3, 4])('at call %i neither repeats nor loses a step', async (at) => {
    const [disk, values, death] = [inlineDisk(), memoryValues(), gate()]
    const finished: string[] = []
    const work = (hangs: boolean) =>
      tool('work', async ({ v, at: step }) => {
        if (hangs && finished.length === at - 1) await death.arrive()
        finished.push(String(step))
        return { v: v! }
      })
    const text = DIAMOND.replaceAll('tool: say', 'tool: work, retry: 1')
    await openWith(lastFirst, { disk, values, tools: [work(true)] }).start(text)
    await death.reached
    const next = openWith(lastFirst, { disk, values, tools: [work(false)] })
    await next.engine.start()
    expect((await next.events('run_1')).at(-1)).toMatchObject({ status: 'completed', done: 4 })
    expect(finished).toEqual(['b', 'a', 'c', 'd'])
  })
})

describe('a process without the strategy', () => {
  test('begins no further step, says so once, and leaves the run to one that has it', async () => {
    const [disk, values] = [inlineDisk(), memoryValues()]
    const first = openWorkshop({ disk, values })
    await first.start(DIAMOND)
    const waits = async () => (await first.engine.view.list('run', { where: { waits: 'code:' } })).length
    for (let tries = 0; tries < 200 && (await waits()) === 0; tries++) await new Promise((next) => setTimeout(next, 1))
    expect(await waits()).toBe(1)
    await first.engine.ask({ kind: 'run', key: 'run_1' }, { type: 'look' })
    await first.engine.tell({ kind: 'run', key: 'run_1' }, { type: 'code' })
    expect(first.calls).toEqual([])

    const next = openWith(lastFirst, { disk, values })
    await next.engine.start()
    await next.engine.tell({ kind: 'run', key: 'run_1' }, { type: 'code' })
    const events = await next.events('run_1')
    expect(events.at(-1)).toMatchObject({ status: 'completed', outputs: { inline: { o: '21' } } })
    expect(events.filter(({ type }) => type === 'code-wait')).toEqual([
      {
        type: 'code-wait',
        message: 'This process does not have the strategy own.',
        hint: expect.stringContaining('start({ strategies: { own } })'),
      },
    ])
    expect(await next.engine.view.list('run', { where: { waits: 'code:' } })).toEqual([])
  })
})

describe('the compiler', () => {
  const findings = (strategy: string, strategies?: readonly string[]) =>
    compileText(`name: x\nstrategy: ${strategy}\nsteps: [{ id: a, action: generate, parameters: { prompt: Hi } }]`, {
      file: 'x.yaml',
      toolbox: createToolbox([]),
      ...(strategies && { strategies }),
    }).findings.map(({ code, severity, message, hint }) => ({ code, severity, message, hint }))

  test('takes a name that the program has', () => expect(findings('cheapest', ['cheapest'])).toEqual([]))

  test('warns of a name that no program here has', () => {
    expect(findings('cheapest', [])).toEqual([
      {
        code: 'would_fail',
        severity: 'warning',
        message: 'the run would wait: no program here has `cheapest`',
        hint: 'Strategies: parallel, sequential.',
      },
    ])
    expect(findings('chepest', ['cheapest'])[0]).toMatchObject({ hint: 'Did you mean `cheapest`?' })
  })

  test.each(['paralel', 'Sequential', '"two words"', '5', '[a]'])('refuses %s', (word) => {
    expect(findings(word, [])[0]).toMatchObject({ code: 'bad_value', severity: 'error' })
  })
})
