import { describe, expect, test } from 'vitest'
import { inlineDisk } from '../../../src/engine/inline/disk.ts'
import { callbackTools } from '../../../src/pipeline/tools/callback-tools.ts'
import { memoryValues, openWorkshop } from '../workshop.ts'

const open = (options: Parameters<typeof openWorkshop>[0] = {}) => openWorkshop({ ...options, tools: callbackTools })

const step = (id: string, tool: string, parameters: object, needs: readonly string[] = []) =>
  `  - { id: ${id}, tool: ${tool}, dependencies: [${needs}], parameters: ${JSON.stringify(parameters)} }`

/** Steps one after another, and what each came to. */
function chained(...steps: readonly [tool: string, parameters: object][]): string {
  const lines = steps.map(([tool, parameters], n) => step(`s${n}`, tool, parameters, n === 0 ? [] : [`s${n - 1}`]))
  const outputs = steps.map((_, n) => `  s${n}: "{{ s${n}.result }}"`)
  return ['name: m', 'steps:', ...lines, 'outputs:', ...outputs].join('\n')
}

const memory = (action: string, parameters: object): [string, object] => [
  'mcp-memory',
  { action, namespace: 'n', ...parameters },
]

describe('mcp-memory', () => {
  test('keeps values by namespace and key', async () => {
    const { outputs } = await open().run(
      chained(
        memory('store', { key: 'a', value: { deep: [1, 'x'.repeat(9000)] } }),
        memory('store', { key: 'b', value: 2 }),
        memory('retrieve', { key: 'a' }),
        memory('retrieve', { key: 'c' }),
        memory('list', {}),
        memory('retrieve', { namespace: 'other', key: 'a' }),
        memory('delete', { key: 'b' }),
        memory('clear', {}),
        memory('list', {}),
      ),
    )
    expect(outputs).toEqual({
      s0: { namespace: 'n', key: 'a', stored: true },
      s1: { namespace: 'n', key: 'b', stored: true },
      s2: {
        namespace: 'n',
        key: 'a',
        found: true,
        value: { deep: [1, 'x'.repeat(9000)] },
        metadata: { stored_at: expect.any(String) },
      },
      s3: { namespace: 'n', key: 'c', found: false, value: null, metadata: {} },
      s4: { namespace: 'n', keys: ['a', 'b'], count: 2 },
      s5: { namespace: 'other', key: 'a', found: false, value: null, metadata: {} },
      s6: { namespace: 'n', key: 'b', deleted: true },
      s7: { namespace: 'n', cleared: 1 },
      s8: { namespace: 'n', keys: [], count: 0 },
    })
  })

  test('outlasts its run and its process', async () => {
    const disk = inlineDisk()
    const values = memoryValues()
    await open({ disk, values }).run(chained(memory('store', { key: 'a', value: 1 })))
    const second = open({ disk, values })
    await second.start(chained(memory('retrieve', { key: 'a' })), {}, 'run_2')
    expect((await second.events('run_2')).at(-1)).toMatchObject({
      outputs: { inline: { s0: { found: true, value: 1 } } },
    })
  })

  test('forgets what is older than it may be', async () => {
    const { outputs } = await open().run(
      chained(
        memory('store', { key: 'a', value: 1, ttl: '0.001' }),
        ['wait-for-signal', { timeout: 0.005, default: true }],
        memory('retrieve', { key: 'a' }),
        memory('list', {}),
      ),
    )
    expect(outputs).toMatchObject({ s2: { found: false }, s3: { count: 0 } })
  })

  test.each([1e300, '1'.repeat(400), 1e12])('keeps for good what may be as old as %s seconds', async (ttl) => {
    const { outputs } = await open().run(
      chained(memory('store', { key: 'a', value: 1, ttl }), memory('retrieve', { key: 'a' })),
    )
    expect(outputs).toMatchObject({ s1: { found: true, value: 1 } })
  })

  test('has room for a thousand keys in a namespace', async () => {
    const { engine } = open()
    const notes = { kind: 'notes', key: 'local' }
    const store = (key: string) => engine.ask(notes, { type: 'store', namespace: 'n', key, value: { inline: 1 } })
    for (let n = 0; n < 1000; n++) await store(`k${n}`)
    await expect(store('more')).rejects.toMatchObject({ code: 'too_large' })
    expect(await engine.ask(notes, { type: 'clear', namespace: 'n' })).toEqual({ cleared: 1000 })
  })
})

const recursion = (action: string, parameters: object): [string, object] => [
  'recursion-control',
  { action, ...parameters },
]

describe('recursion-control', () => {
  test('counts and keeps, by context', async () => {
    const { outputs } = await open().run(
      chained(
        recursion('update_state', { state_key: 'n', increment: 2 }),
        recursion('update_state', { state_key: 'n', increment: '3' }),
        recursion('get_state', { state_key: 'n' }),
        recursion('check_condition', { condition: 'n < 6', max_iterations: 2 }),
        recursion('check_condition', { condition: 'n > 6' }),
        recursion('check_condition', { max_iterations: 2 }),
        recursion('check_condition', { context_id: 'other', depth_limit: 0 }),
        recursion('reset', {}),
        recursion('get_state', {}),
      ),
    )
    expect(outputs).toMatchObject({
      s0: { old_value: null, new_value: 2 },
      s1: { old_value: 2, new_value: 5 },
      s2: { value: 5, state: { n: 5 } },
      s3: { should_continue: true, reason: null, iteration: 1, depth: 0 },
      s4: { should_continue: false, reason: 'condition', iteration: 2 },
      s5: { should_continue: false, reason: 'max_iterations', iteration: 3 },
      s6: { should_continue: false, reason: 'depth_limit', iteration: 1 },
      s7: { reset: true },
      s8: { state: {}, iteration: 0 },
    })
  })

  test.each(['constructor', '__proto__'])('keeps what is named %s', async (state_key) => {
    const { outputs } = await open().run(
      chained(
        recursion('get_state', { state_key }),
        recursion('update_state', { state_key, state_value: 'x' }),
        recursion('get_state', { state_key }),
      ),
    )
    expect(outputs).toMatchObject({
      s0: { value: null },
      s1: { old_value: null, new_value: 'x' },
      s2: { value: 'x' },
    })
  })

  test('is shared by all runs of a tree, and lies in the one at its top', async () => {
    const { run, disk } = open()
    const child = {
      name: 'child',
      steps: [
        { id: 'up', tool: 'recursion-control', action: 'update_state', parameters: { state_key: 'n', increment: 1 } },
      ],
    }
    const { outputs } = await run(
      chained(
        ['pipeline-executor', { pipeline: child }],
        ['pipeline-executor', { pipeline: child }],
        recursion('get_state', { state_key: 'n' }),
      ),
    )
    expect(outputs).toMatchObject({ s2: { value: 2 } })
    expect(disk.parts.get('run/run_1')?.has('recursion')).toBe(true)
  })

  test('refuses to grow without end', async () => {
    const end = await open().run(
      chained(recursion('update_state', { state_key: 'n', state_value: 'x'.repeat(70_000) })),
    )
    expect(end).toMatchObject({ status: 'failed', problem: { code: 'too_large' } })
  })
})
