import { describe, expect, test } from 'vitest'
import { BusyError, RetryableError, TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { until } from '../../src/testing/until.ts'
import { ToolFailure } from '../../src/tool/tool.ts'
import { readRun } from './read-run.ts'
import { type Calls, gate, openWorkshop, tool } from './workshop.ts'

const broken = (times: number, error: () => Error = () => new RetryableError('shaky')) => {
  let tries = 0
  return {
    tries: () => tries,
    act: () => {
      if (tries++ < times) throw error()
      return { tries }
    },
  }
}
const pipeline = (step: string) =>
  `name: x\nsteps:\n  - { id: a, tool: it${step} }\n  - { id: b, tool: say, dependencies: [a] }\n`

describe('a step that fails', () => {
  test('tells whoever listens when it is tried again, and keeps nothing of that', async () => {
    const { engine, run } = openWorkshop({ tools: [tool('it', broken(2).act)] })
    const told: unknown[] = []
    const end = new AbortController()
    const listening = (async () => {
      for await (const delta of engine.view.deltas('run_1', end.signal)) told.push(delta)
    })()
    await run(pipeline(', retry: 2, retry_config: { initial_delay: 0.002, jitter: false }'))
    end.abort()
    await listening
    const retry = { type: 'step-retry', step: 'a', problem: { message: 'shaky' } }
    expect(told).toMatchObject([
      { ...retry, attempts: 1, delay: 2 },
      { ...retry, attempts: 2, delay: 4 },
    ])
  })

  test('stops the run: siblings finish, the rest is skipped, step and problem are named', async () => {
    const held = gate()
    const calls: Calls = []
    const { engine, start, events } = openWorkshop({ calls, tools: [tool('held', () => held.arrive().then(() => 1))] })
    await start(`
name: x
steps:
  - { id: bad, tool: fail, parameters: { message: "no luck" } }
  - { id: good, tool: held }
  - { id: later, tool: say, dependencies: [good] }
outputs: { o: "{{ good }}" }`)
    await until(async () => JSON.stringify([await engine.view.peek({ kind: 'run', key: 'run_1' })]).includes('no luck'))
    held.release()
    const end = (await events('run_1')).at(-1)!
    expect(end).toMatchObject({
      status: 'failed',
      done: 1,
      failed: 1,
      skipped: 1,
      problem: { step: 'bad', code: 'tool_error', message: 'no luck' },
    })
    expect(end.outputs).toBeUndefined()
    expect(calls.map(({ tool }) => tool)).toEqual(['fail'])
  })

  test.each(['on_failure: continue', 'continue_on_error: true'])(
    'lets the run go on with %s, and can be read',
    async (policy) => {
      const { run } = openWorkshop()
      const end = await run(`
name: x
steps:
  - { id: bad, tool: fail, parameters: { message: "no luck" }, ${policy} }
  - { id: next, tool: say, parameters: { v: "{{ bad.status }}: {{ bad.error }}{{ ', bad' if not bad }}" } }
outputs: { o: "{{ next.v }}" }`)
      expect(end).toMatchObject({ status: 'completed', done: 1, failed: 1, outputs: { o: 'failed: no luck, bad' } })
    },
  )

  test('is one whose tool reports a failure; what it has to show is kept', async () => {
    const act = () => {
      throw new ToolFailure('exit code 3', { code: 'exit', result: { return_code: 3, stdout: 'partly' } })
    }
    const { run } = openWorkshop({
      tools: [tool('thrown', act), tool('told', () => ({ success: false, error: 'no', n: 1 }))],
    })
    const end = await run(`
name: x
steps:
  - { id: a, tool: thrown, on_failure: continue }
  - { id: b, tool: told, on_failure: continue }
outputs: { o: "{{ a.stdout }} {{ a.return_code }} {{ b.n }} {{ b.error }} {{ b.success }}" }`)
    expect(end).toMatchObject({ failed: 2, outputs: { o: 'partly 3 1 no false' } })
    expect(end.steps.a).toMatchObject({ problem: { code: 'exit', message: 'exit code 3' }, attempts: 1 })
  })

  test('names all references that lead nowhere, and does nothing', async () => {
    const { run, calls } = openWorkshop()
    const end = await run(
      'name: x\nsteps:\n  - { id: a, tool: say, parameters: { v: 1 } }\n  - { id: b, tool: say, parameters: { one: "{{ a.x }} {{ a.y }}", two: ["{{ a.z }}"] } }',
    )
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'b', code: 'unresolved_template' } })
    for (const name of ['parameters.one', 'a.x', 'a.y', 'parameters.two[0]', 'a.z'])
      expect(JSON.stringify(end.problem)).toContain(name)
    expect(calls).toHaveLength(1)
  })

  test('is one whose condition cannot be told', async () => {
    const { run } = openWorkshop()
    const end = await run('name: x\nsteps:\n  - { id: a, tool: say }\n  - { id: b, tool: say, if: "{{ a.x > 1 }}" }')
    expect(end).toMatchObject({
      status: 'failed',
      problem: { step: 'b', message: expect.stringContaining('condition') },
    })
  })

  test('is one that gets what its tool does not take', async () => {
    const { readTool } = await import('./tools.ts')
    const { run } = openWorkshop({ tools: [readTool] })
    const end = await run(
      'name: x\nsteps: [{ id: a, tool: filesystem, action: read, parameters: { path: "{{ 5 }}" } }]',
    )
    expect(end).toMatchObject({
      status: 'failed',
      problem: { step: 'a', code: 'invalid_input', message: expect.stringContaining('parameters.path') },
    })
  })
})

describe('a result that cannot be kept', () => {
  const own: { self?: unknown } = {}
  own.self = own
  test.each([
    ['a BigInt', { paid: 5n }, 'it contains a BigInt, which is not JSON'],
    ['a value that holds itself', own, 'it is nested deeper than 200'],
  ])('%s fails the step at once: what was done is not done again', async (_what, result, why) => {
    const message = `The call of it was made; its result does not fit: ${why}.`
    let times = 0
    const act = () => {
      times++
      return result as never
    }
    const { run } = openWorkshop({ tools: [tool('it', act)] })
    expect((await run(pipeline(', retry: 2'))).steps.a).toMatchObject({ status: 'failed', problem: { message } })
    expect(times).toBe(1)
  })
})

describe('attempts', () => {
  test.each([
    ['a pure tool gets three', 'pure', '', 2, 'completed', 3],
    ['and no more', 'pure', '', 3, 'failed', 3],
    ['an at-most-once tool gets one', 'at-most-once', '', 1, 'failed', 1],
    ['retry: 1 grants it a second', 'at-most-once', ', retry: 1', 1, 'completed', 2],
    ['retry: 0 takes them away', 'idempotent', ', retry: 0', 1, 'failed', 1],
    ['max_retries: 2 is two in all', 'pure', ', max_retries: 2', 2, 'failed', 2],
    ['effect: idempotent grants three', 'at-most-once', ', effect: idempotent', 2, 'completed', 3],
  ] as const)('%s', async (_name, effect, policy, failures, status, attempts) => {
    const it = broken(failures, () => Object.assign(new RetryableError('shaky', { delay: 1 })))
    const { run } = openWorkshop({ tools: [tool('it', it.act, effect)] })
    const end = await run(pipeline(policy))
    expect(end.steps.a).toMatchObject({ status, attempts })
    expect(it.tries()).toBe(attempts)
  })

  test('none but the first for what is terminal', async () => {
    const it = broken(9, () => new TerminalError('never'))
    const { run } = openWorkshop({ tools: [tool('it', it.act, 'pure')] })
    expect((await run(pipeline(', retry: 5'))).steps.a).toMatchObject({ status: 'failed', attempts: 1 })
    expect(it.tries()).toBe(1)
  })

  test('a failure that is only reported is tried again if the author asked for it', async () => {
    const it = broken(1, () => new ToolFailure('exit 1', { result: {} }))
    const { run } = openWorkshop({ tools: [tool('it', it.act, 'at-most-once')] })
    expect((await run(pipeline(', retry: 2'))).steps.a).toMatchObject({ status: 'completed', attempts: 2 })
  })

  test('a full pool does not count as one', async () => {
    const it = broken(4, () => new BusyError('full', { delay: 1 }))
    const { run } = openWorkshop({ tools: [tool('it', it.act, 'at-most-once')] })
    expect((await run(pipeline(''))).steps.a).toMatchObject({ status: 'completed', attempts: 1 })
    expect(it.tries()).toBe(5)
  })

  test('all of a step go by one idempotency key', async () => {
    const keys = new Set<string>()
    const it = broken(2, () => new RetryableError('shaky', { delay: 1 }))
    const { run, engine, values } = openWorkshop({
      tools: [
        tool('it', (_, { idempotencyKey }) => {
          keys.add(idempotencyKey)
          return it.act()
        }),
      ],
    })
    const { id } = await run(pipeline(''))
    const { a } = (await readRun(engine.view, values, id)).steps
    expect([...keys]).toEqual([a!.idempotency_key])
  })
})

describe('timeout', () => {
  const hang = tool(
    'it',
    (_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )

  test('calls an attempt off, and it is tried again like any failure (A42)', async () => {
    const { run } = openWorkshop({ tools: [hang] })
    const end = await run(pipeline(', timeout: 0.02, max_retries: 2'))
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'a', code: 'timeout', name: 'TimeoutError' } })
    expect(end.steps.a).toMatchObject({ attempts: 2 })
  })

  test('does not touch what is in time', async () => {
    const { run } = openWorkshop({ tools: [tool('it', () => 1)] })
    expect(await run(pipeline(', timeout: 5'))).toMatchObject({ status: 'completed' })
  })
})

const hostile = () => {
  const refuse = () => {
    throw new Error('do not look at me')
  }
  return new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse, ownKeys: refuse })
}
const bomb = () => ({
  toJSON() {
    throw new Error('no JSON of me')
  },
})

test.each<[string, () => never | Json, string]>([
  [
    'throws a proxy that nobody can look at',
    () => {
      throw hostile()
    },
    'the thrown value cannot be read',
  ],
  ['returns a proxy that nobody can look at', () => hostile() as unknown as Json, 'do not look at me'],
  [
    'returns what has no JSON',
    () => ({ deep: bomb() }) as unknown as Json,
    'The call of it was made; its result does not fit: it has no JSON: no JSON of me.',
  ],
])('a tool that %s fails its step alone', async (_what, act, message) => {
  const { run } = openWorkshop({ tools: [tool('it', act)] })
  const end = await run('name: x\nsteps:\n  - { id: a, tool: it, on_error: continue }\n  - { id: b, tool: say }\n')
  expect(end.steps).toMatchObject({ a: { status: 'failed', problem: { message } }, b: { status: 'completed' } })
})
