import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ForkRequest } from '../../../src/run/room/port.ts'
import type { Runtime } from '../../../src/runtime/ports.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const SAY = `echo "$1" >> log
shift
echo "$@"
`
const step = (id: string, said: string, more = '') =>
  `  - { id: ${id}, tool: terminal, parameters: { command: "sh say.sh ${id} ${said}" }${more} }`

const STEPS = [
  'name: p',
  'inputs: { topic: { type: string, default: tides }, n: { type: integer, default: 2 } }',
  'steps:',
]
const PIPELINE = [
  ...STEPS,
  step('a', '{{ topic }}'),
  step('b', '{{ n > 5 }}'),
  step('c', '{{ a.stdout | trim }} {{ b.stdout | trim }}'),
  step('never', 'no', ', condition: "{{ n > 100 }}"'),
  'outputs: { said: "{{ c.stdout | trim }}" }',
].join('\n')
const LOOP = [
  ...STEPS,
  '  - id: each',
  `    for_each: "{{ topic | split(', ') }}"`,
  '    steps:',
  `    ${step('one', '{{ item }}')}`,
  step('last', '{{ each.results | length }}'),
].join('\n')

const LOOPS = [
  ...STEPS,
  '  - id: outer',
  '    for_each: "x, y"',
  '    steps:',
  `    ${step('one', '{{ item }}')}`,
  '      - id: inner',
  '        for_each: "z"',
  '        steps:',
  `        ${step('deep', '{{ item }}')}`,
  '  - id: again',
  '    while: "{{ $iteration < 2 }}"',
  '    max_iterations: 3',
  '    steps:',
  `    ${step('more', 'on')}`,
  '  - id: queue',
  '    create_parallel_queue:',
  '      on: "x, y"',
  '      action_loop:',
  `        - { tool: terminal, action: execute, parameters: { command: "sh say.sh act {{ item }}" } }`,
].join('\n')

const WAITING = [
  ...STEPS,
  '  - { id: kept, tool: filesystem, action: write, parameters: { path: note, content: "{{ topic }}" } }',
  step('looks', 'x', ', dependencies: [kept]'),
  step('next', 'x', ', dependencies: [looks]'),
  step('apart', 'x'),
  '  - id: each',
  '    dependencies: [kept]',
  '    for_each: "y"',
  '    steps:',
  `    ${step('one', 'x')}`,
].join('\n')

const ROUTED = [
  ...STEPS,
  step('a', 'x', ', goto: c'),
  step('over', 'x'),
  step('c', 'x', ', on_failure: help'),
  step('help', 'x'),
  step('end', "{{ over.stdout | default('-') }} {{ help.stdout | default('-') }} {{ c.stdout | trim }}"),
  step('last', 'x', ', dependencies: [end, help]'),
].join('\n')

/** A folder with a pipeline whose steps write their names into a file. */
async function openForks(text = PIPELINE) {
  const folder = openFolder()
  folder.write('say.sh', SAY)
  folder.write('p.yaml', text)
  const runtime = await folder.open()
  /** Which steps were done, and what the run came to. */
  async function watch(start: (runtime: Runtime) => Promise<{ readonly id: string }>) {
    writeFileSync(folder.path('log'), '')
    const { id } = await start(runtime)
    await runtime.idle()
    const { status, outputs, steps } = await runtime.runs.get(id)
    const done = readFileSync(folder.path('log'), 'utf8').split('\n').filter(Boolean).sort()
    const reused = Object.values(steps)
      .filter((each) => each.reused)
      .map((each) => each.id)
    return { id, status, outputs, done, reused }
  }
  const run = (request: object = {}) => watch((on) => on.runs.start({ file: folder.path('p.yaml'), ...request }))
  const fork = (of: string, request?: ForkRequest) => watch((on) => on.runs.fork(of, request))
  return { ...folder, runtime, run, fork }
}

describe('a fork', () => {
  const cases: readonly (readonly [
    what: string,
    request: ForkRequest | undefined,
    done: readonly string[],
    said: string,
  ])[] = [
    ['without a change does nothing', undefined, [], 'tides false'],
    ['at a step does that one, and not what comes to the same', { at: 'b' }, ['b'], 'tides false'],
    ['at the last step does only that', { at: 'c' }, ['c'], 'tides false'],
    ['with another input does what names it, and what follows', { set: { topic: 'ships' } }, ['a', 'c'], 'ships false'],
    [
      'does not do what follows from a step that came to the same, however long it took',
      { set: { n: 3 } },
      ['b'],
      'tides false',
    ],
    ['with an input as it was does nothing', { set: { n: '2' } }, [], 'tides false'],
    ['does a step whose condition holds now', { set: { n: 101 } }, ['b', 'c', 'never'], 'tides true'],
  ]

  it('reuses unchanged steps', async () => {
    const { run, fork } = await openForks()
    const first = await run()
    expect(first).toMatchObject({ done: ['a', 'b', 'c'], outputs: { said: 'tides false' }, reused: [] })
    for (const [what, request, done, said] of cases) {
      const forked = await fork(first.id, request)
      expect({ what, ...forked }).toMatchObject({ what, status: 'completed', done, outputs: { said } })
    }
    const second = await fork(first.id)
    expect((await fork(second.id, { at: 'c' })).done).toEqual(['c'])
  })

  it('of a failed run runs only the steps that did not complete', async () => {
    const { run, fork, write, path } = await openForks(
      [
        ...STEPS,
        step('a', 'x'),
        step('b', '{{ a.stdout | trim | quote }} && test -e there', ''),
        step('c', '{{ b.stdout }}'),
      ]
        .join('\n')
        .replaceAll(' && test -e there" }', '; test -e there", shell: true }'),
    )
    const first = await run()
    expect(first).toMatchObject({ status: 'failed', done: ['a', 'b'] })
    write('there', '')
    expect(existsSync(path('there'))).toBe(true)
    expect(await fork(first.id)).toMatchObject({ status: 'completed', done: ['b', 'c'], reused: ['a'] })
  })

  it('reruns steps that wait for a step with another result, also in a loop', async () => {
    const { run, fork } = await openForks(WAITING)
    const first = await run()
    expect(first.done).toEqual(['apart', 'looks', 'next', 'one'])
    expect((await fork(first.id)).done).toEqual([])
    expect((await fork(first.id, { at: 'kept' })).done).toEqual([])
    expect((await fork(first.id, { set: { topic: 'ships' } })).done).toEqual(['looks', 'one'])
  })

  it('reruns steps that a model made wait for a step with another result', async () => {
    const told = 'depends_on: "<AUTO>Which of these steps: kept?</AUTO>"'
    const { run, fork } = await openForks(
      WAITING.replace('dependencies: [kept]', told).replace(step('next', 'x', ', dependencies: [looks]'), ''),
    )
    const first = await run()
    expect(first.done).toEqual(['apart', 'looks', 'one'])
    expect((await fork(first.id)).done).toEqual([])
    expect((await fork(first.id, { set: { topic: 'ships' } })).done).toEqual(['looks', 'one'])
  })

  it('does not rerun steps after steps that are skipped again', async () => {
    const { run, fork } = await openForks(ROUTED)
    const first = await run()
    expect(first.done).toEqual(['a', 'c', 'end', 'last'])
    expect((await fork(first.id)).done).toEqual([])
    expect((await fork(first.id, { at: 'end' })).done).toEqual(['end'])
  })

  it('reruns a child pipeline whose input has changed', async () => {
    const child = `name: child\ninputs: { topic: { type: string } }\nsteps:\n${step('low', '{{ topic }}')}\n`
    const text = [
      ...STEPS,
      '  - { id: sub, tool: pipeline-executor, parameters: { pipeline: child } }',
      '  - { id: own, tool: pipeline-executor, parameters: { pipeline: child, inherit_context: false, inputs: { topic: x } } }',
    ].join('\n')
    const { run, fork, write } = await openForks(text)
    write('child.yaml', child)
    const first = await run()
    expect(first.done).toEqual(['low', 'low'])
    expect((await fork(first.id)).done).toEqual([])
    expect(await fork(first.id, { set: { topic: 'ships' } })).toMatchObject({ done: ['low'], reused: ['own'] })
  })

  it('does not rerun steps after a question with the same answer', async () => {
    const question = '  - { id: who, tool: user-prompt, parameters: { prompt: who, context: api } }'
    const { run, fork, runtime, path } = await openForks(
      [...STEPS, question, step('last', '{{ who.value }}')].join('\n'),
    )
    const doneAfter = async (id: string, answer: string) => {
      await runtime.runs.signal(id, 'who', answer)
      await runtime.idle()
      return readFileSync(path('log'), 'utf8').trim()
    }
    const { id } = await run({ interactive: true })
    expect(await doneAfter(id, 'me')).toBe('last')
    const again = await fork(id, { at: 'who', interactive: true })
    expect(await doneAfter(again.id, 'me')).toBe('')
    const other = await fork(id, { at: 'who', interactive: true })
    expect(await doneAfter(other.id, 'you')).toBe('last')
  })

  describe('of a pipeline below', () => {
    const child = (more = '') =>
      [
        'name: child',
        'inputs: { topic: { type: string }, n: { type: integer } }',
        'steps:',
        step('one', '{{ topic }}'),
        step('two', `{{ n | quote }}${more}; test {{ n | quote }} -lt 9 -o -e there`).replace(
          '" }',
          '", shell: true }',
        ),
        step('three', '{{ two.stdout | trim }}'),
        'outputs: { said: "{{ three.stdout | trim }}" }',
      ].join('\n')
    const parent = [
      ...STEPS,
      '  - { id: sub, tool: pipeline-executor, parameters: { pipeline: child } }',
      step('after', '{{ sub.outputs.said }}'),
    ].join('\n')
    const openBelow = async (text = parent) => {
      const forks = await openForks(text)
      forks.write('child.yaml', child())
      return forks
    }

    it('reruns only its steps that depend on the changed input, and all of them if it is named', async () => {
      const { run, fork } = await openBelow()
      const first = await run()
      expect(first.done).toEqual(['after', 'one', 'three', 'two'])
      const second = await fork(first.id, { set: { n: 3 } })
      expect(second).toMatchObject({ done: ['after', 'three', 'two'], reused: [] })
      // of what that run took over itself, too
      expect((await fork(second.id, { set: { topic: 'ships' } })).done).toEqual(['one'])
      expect((await fork(second.id, { at: 'after' })).done).toEqual(['after'])
      expect((await fork(first.id, { at: 'sub' })).done).toEqual(['one', 'three', 'two'])
      expect((await run({ from: 'sub' })).done).toEqual(['after', 'one', 'three', 'two'])
    })

    it('reuses results that the run before had itself reused', async () => {
      const { run, fork } = await openBelow()
      const first = await run()
      const again = await fork(first.id)
      expect(again).toMatchObject({ done: [], reused: ['sub', 'after'] })
      expect((await fork(again.id, { set: { topic: 'ships' } })).done).toEqual(['one'])
    })

    it('that failed runs only the steps that did not complete', async () => {
      const { run, fork, write } = await openBelow()
      const first = await run({ inputs: { n: 9 } })
      expect(first).toMatchObject({ status: 'failed', done: ['one', 'two'] })
      write('there', '')
      expect(await fork(first.id)).toMatchObject({ status: 'completed', done: ['after', 'three', 'two'] })
    })

    it('reads its file again when it is reused, and runs the changed steps', async () => {
      const { run, write } = await openBelow()
      await run()
      expect(await run({ reuse: true })).toMatchObject({ done: [], reused: ['after'] })
      write('child.yaml', child(' more'))
      expect((await run({ reuse: true })).done).toEqual(['after', 'three', 'two'])
    })

    it('does so in loops, for each of them by itself', async () => {
      const { run, fork } = await openBelow(
        [
          ...STEPS,
          '  - id: each',
          '    for_each: "x, y"',
          '    steps:',
          '      - { id: sub, tool: pipeline-executor, parameters: { pipeline: child, inputs: { topic: "{{ item }}" } } }',
          step('after', '{{ each.results | length }}'),
        ].join('\n'),
      )
      const first = await run()
      expect(first.done).toEqual(['after', 'one', 'one', 'three', 'three', 'two', 'two'])
      expect((await run({ reuse: true })).done).toEqual([])
      expect((await fork(first.id, { set: { n: 3 } })).done).toEqual(['after', 'three', 'three', 'two', 'two'])
    })
  })

  it.each([
    ['for_each', 'for_each: "x, y", steps: [STEP]'],
    [
      'for_each with something that stands in for it',
      'for_each: "x, y", steps: [STEP], on_error: { fallback_value: none }',
    ],
    ['foreach', 'foreach: "x, y", BODY'],
    ['queue', 'create_parallel_queue: { on: "x, y", max_parallel: 1, action_loop: [{ name: one, BODY }] }'],
  ])('of a failed loop runs only the steps that did not complete: %s', async (_, loop) => {
    const command = 'sh say.sh {{ item | quote }}; test {{ item | quote }} = x -o -e there'
    const body = `tool: terminal, action: execute, parameters: { command: "${command}", shell: true }`
    const each = loop.replace('STEP', `{ id: one, ${body} }`).replace('BODY', body)
    const { run, fork, write } = await openForks([...STEPS, `  - { id: each, ${each} }`].join('\n'))
    const first = await run()
    expect(first.done).toEqual(['x', 'y'])
    write('there', '')
    expect((await fork(first.id)).done).toEqual(['y'])
  })

  it('does not rerun steps after a loop with the same result', async () => {
    const text = [
      ...STEPS,
      '  - { id: turns, action_loop: [{ name: one, action: echo hi }], until: "true" }',
      step('last', '{{ turns.final_results.one.result }} {{ topic }}'),
    ].join('\n')
    const { run, fork } = await openForks(text)
    const first = await run()
    expect(first.done).toEqual(['last'])
    for (const request of [undefined, { at: 'turns' }]) expect((await fork(first.id, request)).done).toEqual([])
  })

  it('of a loop takes over its iterations as long as its list is the same', async () => {
    const { run, fork } = await openForks(LOOP)
    const first = await run({ inputs: { topic: 'x, y' } })
    expect(first.done).toEqual(['last', 'one', 'one'])
    expect((await fork(first.id)).done).toEqual([])
    expect((await fork(first.id, { at: 'each.one' })).done).toEqual(['one', 'one'])
    expect((await fork(first.id, { at: 'last' })).done).toEqual(['last'])
    expect((await fork(first.id, { set: { topic: 'x, z' } })).done).toEqual(['last', 'one', 'one'])
  })

  it.each([
    ['for_each', { at: 'outer' }, ['deep', 'deep', 'one', 'one']],
    ['for_each in another', { at: 'outer.inner' }, ['deep', 'deep']],
    ['while', { at: 'again' }, ['more', 'more']],
    ['queue', { at: 'queue' }, ['act', 'act']],
  ] as const)('at a loop reruns its body: %s', async (_, request, done) => {
    const { run, fork } = await openForks(LOOPS)
    const first = await run()
    expect(first).toMatchObject({
      status: 'completed',
      done: ['act', 'act', 'deep', 'deep', 'more', 'more', 'one', 'one'],
    })
    expect((await fork(first.id, request)).done).toEqual(done)
  })

  it('goes on with a file that has changed, and says in which steps', async () => {
    const { run, fork, write, path, runtime } = await openForks()
    const first = await run()
    expect(await runtime.pipelines.changes(first.id)).toEqual({ steps: [] })
    write('p.yaml', PIPELINE.replace('sh say.sh c', 'sh say.sh c now').replace('id: never', 'id: more'))
    const file = path('p.yaml')
    expect(await fork(first.id, { file })).toMatchObject({ done: ['c'], outputs: { said: 'now tides false' } })
  })

  it.each([
    ['of no run', 'nope', {}, 'not_found'],
    ['at no step', undefined, { at: 'd' }, 'unknown_step'],
    ['with an input that is none', undefined, { set: { zz: 1 } }, 'input_unknown'],
    ['with a value that will not do', undefined, { set: { n: 'many' } }, 'input_type'],
  ])('%s is refused', async (_, of, request, code) => {
    const { run, runtime } = await openForks()
    const { id } = await run()
    await expect(runtime.runs.fork(of ?? id, request as ForkRequest)).rejects.toMatchObject({ code })
  })
})

describe('a run', () => {
  it('reuses recorded steps with unchanged inputs, but rereads outside state', async () => {
    const text = [
      ...STEPS,
      '  - { id: read, tool: filesystem, action: read, parameters: { path: note } }',
      step('a', '{{ read.content | trim }}'),
      step('b', '{{ topic }}'),
    ].join('\n')
    const { run, write } = await openForks(text)
    write('note', 'one')
    expect((await run({ reuse: true })).done).toEqual(['a', 'b'])
    expect((await run({ reuse: true })).done).toEqual([])
    write('note', 'two')
    expect((await run({ reuse: true })).done).toEqual(['a'])
    expect((await run({ reuse: true, inputs: { topic: 'ships' } as Json })).done).toEqual(['b'])
  })

  it.each([
    ['in a command', 'tool: terminal, parameters: { command: "sh say.sh a {{ include_file(\'note\') | trim }}" }'],
    [
      'in a condition',
      "tool: terminal, condition: \"{{ 't' in include_file('note') }}\", parameters: { command: sh say.sh a }",
    ],
    ['in the text of the pipeline', 'tool: terminal, parameters: { command: "sh say.sh a {{ file:note.md }}" }'],
    [
      'below',
      'tool: pipeline-executor, parameters: { pipeline: { name: low, steps: [{ id: a, tool: terminal, parameters: { command: "sh say.sh a {{ file:note.md }}" } }] } }',
    ],
    [
      'below, in a step that looks',
      'tool: pipeline-executor, parameters: { pipeline: { name: low, steps: [{ id: r, tool: filesystem, action: read, parameters: { path: note } }, { id: a, tool: terminal, parameters: { command: "sh say.sh a {{ r.content | trim }}" } }] } }',
    ],
  ])('reruns a step whose file has changed: %s', async (_, said) => {
    const { run, fork, write } = await openForks([...STEPS, `  - { id: a, ${said} }`, step('b', 'x')].join('\n'))
    const note = (text: string) => ['note', 'note.md'].map((name) => write(name, text))
    note('two')
    const first = await run({ reuse: true })
    expect(first.done).toEqual(['a', 'b'])
    expect((await run({ reuse: true })).done).toEqual([])
    note('three')
    expect((await fork(first.id)).done).toEqual([])
    expect((await run({ reuse: true })).done).toEqual(['a'])
    expect((await run({ reuse: true })).done).toEqual([])
  })

  it('begins with a step when all before it is recorded', async () => {
    const { run, runtime, path } = await openForks()
    const from = () => runtime.runs.start({ file: path('p.yaml'), from: 'c' })
    await expect(from()).rejects.toMatchObject({ code: 'not_recorded' })
    await run()
    expect(await run({ from: 'b' })).toMatchObject({ done: ['b', 'c'], reused: ['a', 'never'] })
  })
})
