import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { inlineDisk } from '../../../src/engine/inline/disk.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { callbackTools } from '../../../src/pipeline/tools/callback-tools.ts'
import { until } from '../../../src/testing/index.ts'
import { guardTool } from '../../../src/tool/plugin/guard.ts'
import { type Calls, gate, memoryValues, openWorkshop, tool } from '../workshop.ts'

const open = (options: Parameters<typeof openWorkshop>[0] = {}) =>
  openWorkshop({ ...options, tools: [...callbackTools, ...(options.tools ?? [])] })

const CHILD = `
name: child
inputs: { n: { type: integer } }
steps:
  - { id: double, tool: say, parameters: { v: "{{ n * 2 }}", from: "{{ topic }}" } }
outputs: { v: "{{ double.v }}", from: "{{ double.from }}", call: "{{ execution.id }}" }`

const indent = (text: string, by = 8) => text.trim().replaceAll('\n', `\n${' '.repeat(by)}`)

const parent = (more = '') => `
name: parent
inputs: { topic: { type: string, default: tides } }
steps:
  - id: sub
    tool: pipeline-executor
    parameters:
      pipeline: |
        ${indent(CHILD)}
      inputs: { n: "{{ 20 + 1 }}" }${more}
outputs: { all: "{{ sub.outputs }}", v: "{{ sub.outputs.v }}", whole: "{{ sub.result }}" }`

describe('pipeline-executor', () => {
  test('runs a pipeline that stands in its step as a run of its own, with what its parent was given', async () => {
    const { run, events, engine } = open()
    const end = await run(parent())
    expect(end).toMatchObject({
      status: 'completed',
      outputs: {
        all: { v: 42, from: 'tides', call: 'run_1.sub' },
        whole: {
          success: true,
          pipeline_id: 'child',
          run_id: 'run_1.sub',
          status: 'completed',
          execution_time: expect.any(Number),
          steps_executed: 1,
          recursion_depth: 1,
          call_stack: ['parent', 'child'],
          retries: 0,
        },
      },
    })
    expect((await events('run_1.sub')).at(-1)).toMatchObject({ type: 'run-end', status: 'completed' })
    expect(await engine.view.list('run', { where: { root: 'run_1' } })).toMatchObject([{ key: 'run_1.sub' }])
  })

  test('gives outputs other names, and nothing of its parent where that is not wanted', async () => {
    const renamed = await open().run(parent('\n      output_mapping: { v: doubled }'))
    expect(renamed.outputs).toMatchObject({ all: { doubled: 42, from: 'tides' } })
    const alone = await open().run(parent('\n      inherit_context: false'))
    expect(alone).toMatchObject({ status: 'failed', problem: { step: 'sub', code: 'invalid_pipeline' } })
    expect((alone.problem as { message: string }).message).toMatch(/^\(in step sub\):\d+:\d+: .*`topic`/)
  })

  test.each<[policy: string, expected: object]>([
    [
      'fail',
      {
        status: 'failed',
        problem: { step: 'sub', code: 'tool_error', message: 'pipeline child (run_1.sub): no luck' },
      },
    ],
    ['continue', { status: 'completed', outputs: { ok: false, error: 'no luck' } }],
    ['retry', { status: 'completed', outputs: { ok: true, n: 2 } }],
  ])('error_handling %s', async (policy, expected) => {
    const calls: Calls = []
    const luck = tool(
      'luck',
      () => {
        if (calls.length < 3) throw Object.assign(new Error('no luck'), { code: 'tool_error', terminal: true })
        return 'yes'
      },
      'idempotent',
      calls,
    )
    const text = `
name: parent
steps:
  - id: sub
    tool: pipeline-executor
    parameters:
      pipeline: { name: child, steps: [{ id: try, tool: luck }] }
      error_handling: ${policy}
      retry_delay: 0.001
outputs: { ok: "{{ sub.result.success }}", error: "{{ sub.result.error | default(none) }}", n: "{{ sub.retries }}" }`
    expect(await open({ tools: [luck] }).run(text)).toMatchObject(expected)
  })

  test('a child run whose call was made is not repeated, although its result does not fit', async () => {
    const calls: Calls = []
    const order = guardTool(tool('order', () => new Map() as never, 'idempotent', calls))
    const text = `
name: parent
steps:
  - id: sub
    tool: pipeline-executor
    parameters:
      pipeline: { name: child, steps: [{ id: ordered, tool: order }] }
      error_handling: retry
      retry_delay: 0.001`
    const end = await open({ tools: [order] }).run(text)
    expect(end).toMatchObject({ status: 'failed', problem: { code: 'bad_result' } })
    expect(calls).toHaveLength(1)
  })

  test('a failure keeps its type, by which a handler knows it', async () => {
    const text = (handled: string) => `
name: parent
steps:
  - id: sub
    tool: pipeline-executor
    parameters: { pipeline: { name: child, steps: [{ id: wait, tool: deaf, timeout: 0.001, retry: 0 }] } }
    on_error: [{ error_types: [${handled}], fallback_value: caught }]
outputs: { sub: "{{ sub.result }}" }`
    const deaf = tool('deaf', () => new Promise((resolve) => setTimeout(resolve, 5, 'late')), 'idempotent')
    expect(await open({ tools: [deaf] }).run(text('TimeoutError'))).toMatchObject({ outputs: { sub: 'caught' } })
    expect(await open({ tools: [deaf] }).run(text('ConnectionError'))).toMatchObject({
      status: 'failed',
      problem: { name: 'TimeoutError', code: 'timeout' },
    })
  })

  test('goes ten deep, and no deeper', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-deep-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const text = 'name: self\nsteps: [{ id: sub, tool: pipeline-executor, parameters: { pipeline: self } }]'
    await writeFile(join(folder, 'self.yaml'), text)
    const services = { root: folder, roots: [folder] }
    const end = await open({ services }).run(text)
    expect(end).toMatchObject({ status: 'failed', problem: { code: 'too_deep' } })
    expect((end.problem as { message: string }).message).toContain(
      'Child runs are nested deeper than 10 (self → self → self → … → self).',
    )
    const missing = await open({ services }).run(text.replace('pipeline: self', 'pipeline: other'))
    expect(missing).toMatchObject({ status: 'failed', problem: { code: 'file_unreadable' } })
    const outside = await open({ services }).run(text.replace('pipeline: self', 'pipeline: ../other.yaml'))
    expect(outside).toMatchObject({ status: 'failed', problem: { code: 'outside_root' } })
  })

  test('does not wait where its parameters say so', async () => {
    const held = gate()
    const wait = tool('wait', () => held.arrive().then(() => 'done'))
    const workshop = open({ tools: [wait] })
    const end = await workshop.run(`
name: parent
steps:
  - id: sub
    tool: pipeline-executor
    parameters: { pipeline: { name: child, steps: [{ id: a, tool: wait }] }, wait_for_completion: false }
outputs: { status: "{{ sub.result.status }}" }`)
    expect(end).toMatchObject({ status: 'completed', outputs: { status: 'started' } })
    held.release()
    expect((await workshop.events('run_1.sub')).at(-1)).toMatchObject({ status: 'completed' })
  })

  const HELD = `
name: parent
steps:
  - id: sub
    tool: pipeline-executor
    parameters: { pipeline: { name: child, steps: [{ id: a, tool: wait-for-signal }] }OPTIONS }`

  test('is cancelled with its parent run, and by its own timeout', async () => {
    const workshop = open()
    await workshop.start(HELD.replace('OPTIONS', ''))
    await until(async () => (await workshop.engine.view.list('step', { where: { inbox: 1 } })).length > 0)
    await workshop.engine.cancel({ kind: 'run', key: 'run_1' }, 'run_1', 'enough')
    expect((await workshop.events('run_1.sub')).at(-1)).toMatchObject({ type: 'run-end', status: 'cancelled' })
    const late = open()
    expect(await late.run(HELD.replace('OPTIONS', ', timeout: 0.01'))).toMatchObject({
      status: 'failed',
      problem: { step: 'sub', code: 'timeout' },
    })
    expect((await late.events('run_1.sub')).at(-1)).toMatchObject({ status: 'cancelled' })
  })

  test('tells who follows the run at the top what waits below', async () => {
    const workshop = open()
    await workshop.start(HELD.replace('OPTIONS', ''))
    await until(async () => (await workshop.engine.view.list('step', { where: { inbox: 1 } })).length > 0)
    await workshop.engine.ask({ kind: 'run', key: 'run_1.sub' }, { type: 'signal', name: 'a', value: 1 })
    const seen = await workshop.events('run_1')
    expect(seen).toContainEqual({
      type: 'signal-wait',
      run: 'run_1.sub',
      step: 'a',
      signal: 'a',
      title: 'waits for the signal a',
    })
  })
})

const NESTED = `
name: top
steps:
  - { id: first, tool: work, parameters: { v: 1 } }
  - id: sub
    tool: pipeline-executor
    dependencies: [first]
    parameters:
      pipeline: { name: child, steps: [{ id: a, tool: work, parameters: { v: 2 } }, { id: b, tool: work, dependencies: [a], parameters: { v: 3 } }], outputs: { v: "{{ b.v }}" } }
  - { id: last, tool: work, parameters: { v: "{{ sub.outputs.v }}" } }
outputs: { o: "{{ last.v }}" }`

test.each([0, 1, 2, 3])(
  'a process that dies at call %i below another run: what was finished is not done twice',
  async (at) => {
    const disk = inlineDisk()
    const values = memoryValues()
    const finished: string[] = []
    const death = gate()
    const calls: Calls = []
    let dead = false
    const work = tool(
      'work',
      async ({ v }, { idempotencyKey }) => {
        if (dead || calls.length === at + 1) {
          dead = true
          await death.arrive()
        }
        finished.push(idempotencyKey)
        return { v: v! }
      },
      'idempotent',
      calls,
    )
    const first = open({ disk, values, tools: [work], seed: at })
    await first.start(NESTED)
    await death.reached
    const again: Calls = []
    const second = open({
      disk,
      values,
      tools: [tool('work', ({ v }) => ({ v: v! }) as Json, 'idempotent', again)],
      seed: at,
    })
    await second.engine.start()
    expect((await second.events('run_1')).at(-1)).toMatchObject({ status: 'completed', outputs: { inline: { o: 3 } } })
    expect(finished.length + again.length).toBe(4)
    expect(new Set([...finished, ...again.map(({ key }) => key)]).size).toBe(4)
  },
)
