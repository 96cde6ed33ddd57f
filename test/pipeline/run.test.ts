import { describe, expect, test } from 'vitest'
import { isJsonObject } from '../../src/kernel/json.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { MAX_IN_FLIGHT } from '../../src/pipeline/graph/window.ts'
import { readRun } from './read-run.ts'
import { gate, openWorkshop, tool } from './workshop.ts'

describe('a run', () => {
  test('goes through two steps, the second reading the first', async () => {
    const { run, calls } = openWorkshop()
    const end = await run(`
name: two
inputs: { topic: tides }
steps:
  - id: second
    tool: say
    parameters: { text: "again: {{ first.content }}", n: "{{ first.n }}" }
  - id: first
    tool: say
    parameters: { content: "on {{ topic }}", n: 3 }
outputs:
  all: "{{ second.result }}"
  text: "{{ second.n }}!"
`)
    expect(end).toMatchObject({ status: 'completed', done: 2, failed: 0, skipped: 0 })
    expect(end.outputs).toEqual({ all: { text: 'again: on tides', n: 3 }, text: '3!' })
    expect(calls.map(({ input }) => input)).toEqual([
      { content: 'on tides', n: 3 },
      { text: 'again: on tides', n: 3 },
    ])
  })

  test('says what happens by events, in order', async () => {
    const { run, events } = openWorkshop()
    const { id } = await run('name: x\nsteps: [{ id: a, tool: say }, { id: b, tool: say, depends_on: a }]')
    const seen = (await events(id)).map(({ type, step }) => (step === undefined ? type : `${type} ${step}`))
    expect(seen).toEqual(['run-start', 'step-start a', 'step-end a', 'step-start b', 'step-end b', 'run-end'])
  })

  test('gives each step-end its attempts and time, and the document its idempotency key', async () => {
    const { run, calls, engine, values } = openWorkshop()
    const { id, steps } = await run('name: x\nsteps: [{ id: a, tool: say }]')
    const told = { status: 'completed', attempts: 1, ms: expect.any(Number) }
    expect(steps.a).toEqual({ type: 'step-end', step: 'a', ...told })
    const { a } = (await readRun(engine.view, values, id)).steps
    const seconds = Number(steps.a!.ms) / 1000
    expect(a).toMatchObject({ id: 'a', retries: 0, duration: seconds, idempotency_key: calls[0]!.key })
  })

  test('runs steps that do not wait for each other at the same time', async () => {
    const first = gate()
    const second = gate()
    const { start, events } = openWorkshop({
      tools: [tool('first', () => first.arrive().then(() => 1)), tool('second', () => second.arrive().then(() => 2))],
    })
    const id = await start('name: x\nsteps: [{ id: a, tool: first }, { id: b, tool: second }]')
    await Promise.all([first.reached, second.reached])
    first.release()
    second.release()
    expect((await events(id)).at(-1)).toMatchObject({ status: 'completed', done: 2 })
  })

  test('never has more than its window at work', async () => {
    let now = 0
    let peak = 0
    const busy = tool('busy', async () => {
      peak = Math.max(peak, ++now)
      await new Promise(setImmediate)
      now--
      return null
    })
    const { run } = openWorkshop({ tools: [busy], workers: 100 })
    const steps = Array.from({ length: 40 }, (_, n) => `  - { id: s${n}, tool: busy }`).join('\n')
    expect(await run(`name: x\nsteps:\n${steps}`)).toMatchObject({ done: 40 })
    expect(peak).toBe(MAX_IN_FLIGHT)
  })

  test('ends the same whatever the order of turns', async () => {
    const text = `
name: diamond
steps:
  - { id: top, tool: say, parameters: { content: "1" } }
  - { id: left, tool: say, parameters: { content: "{{ top }}l" } }
  - { id: right, tool: say, parameters: { content: "{{ top }}r" } }
  - { id: both, tool: say, parameters: { content: "{{ left }}{{ right }}" } }
outputs: { o: "{{ both }}" }`
    for (let seed = 1; seed <= 20; seed++) {
      const { run, calls } = openWorkshop({ seed })
      expect(await run(text)).toMatchObject({ status: 'completed', outputs: { o: '1l1r' }, done: 4 })
      expect(calls).toHaveLength(4)
    }
  })

  test('a step that 300 wait for, and one that waits for 300', async () => {
    const { run, calls } = openWorkshop()
    const ids = Array.from({ length: 300 }, (_, n) => `d${n}`)
    const middle = ids.map((id) => `  - { id: ${id}, tool: say, parameters: { content: "{{ top }}" } }`).join('\n')
    const sum = `"{{ ${ids.join(' ~ ')} }}"`
    const end = await run(
      `name: x\nsteps:\n  - { id: top, tool: say, parameters: { content: "." } }\n${middle}\n  - { id: last, tool: say, parameters: { content: ${sum} } }`,
    )
    expect(end).toMatchObject({ status: 'completed', done: 302 })
    expect(calls.at(-1)!.input).toEqual({ content: '.'.repeat(300) })
  })

  test('hands on values that are too large for a message', async () => {
    const big = 'x'.repeat(300_000)
    const { run, disk } = openWorkshop({
      tools: [tool('big', () => ({ big })), tool('measure', ({ it }) => String(it).length)],
    })
    const end = await run(`
name: x
steps:
  - { id: a, tool: big }
  - { id: b, tool: measure, parameters: { it: "{{ a.big }}" } }
outputs: { length: "{{ b.result }}", all: "{{ a.big }}" }`)
    expect(end.outputs).toEqual({ length: 300_000, all: big })
    const kept = [...disk.parts.values(), ...disk.events.values()].map((entry) =>
      JSON.stringify([...(entry as Iterable<Json>)]),
    )
    expect(Math.max(...kept.map((text) => text.length))).toBeLessThan(10_000)
  })

  test('keeps results of up to 16 KiB itself, and longer ones apart', async () => {
    const storedOf = async (length: number) => {
      const stored: unknown[] = []
      const { run, values } = openWorkshop({
        tools: [tool('text', () => 'x'.repeat(length)), tool('measure', ({ it }) => String(it).length)],
      })
      const { put } = values
      values.put = (value) => {
        // beside the pipeline itself
        if (isJsonObject(value) && 'result' in value) stored.push(value.result)
        return put(value)
      }
      const end = await run(`
name: x
steps:
  - { id: a, tool: text }
  - { id: b, tool: measure, parameters: { it: "{{ a.result[:10] }}{{ a.result | length }}" } }
outputs: { length: "{{ a.result | length }}", b: "{{ b.result }}" }`)
      expect(end).toMatchObject({ status: 'completed', outputs: { length, b: 15 } })
      return stored
    }
    expect(await storedOf(12_000)).toEqual([])
    expect(await storedOf(17_000)).toEqual(['x'.repeat(17_000)])
  })

  test('takes a name that is both a step and an input for the step, in the step itself for the input', async () => {
    const { run } = openWorkshop()
    const text = `
name: x
inputs: { a: given }
steps: [{ id: a, tool: say, parameters: { content: "{{ a }}!" } }]
outputs: { a: "{{ a }}", input: "{{ inputs.a }}" }`
    expect((await run(text)).outputs).toEqual({ a: 'given!', input: 'given' })
  })

  test('lets its tools touch what it was given as paths, and no other input', async () => {
    let seen: readonly string[] = []
    const look = tool('look', (_, { roots }) => {
      seen = roots
      return null
    })
    const { run } = openWorkshop({ tools: [look] })
    await run('name: x\ninputs: { folder: { type: path }, text: { type: string } }\nsteps: [{ id: a, tool: look }]', {
      folder: '/some/folder',
      text: '/other',
    })
    expect(seen).toEqual([process.cwd(), '/some/folder'])
  })

  test('answers who asked for it', async () => {
    const { engine, compile, values } = openWorkshop()
    const { runStartMessage } = await import('../../src/pipeline/run/start-message.ts')
    const message = await runStartMessage(
      values,
      compile('name: x\nsteps: [{ id: a, tool: say, parameters: { n: 1 } }]\noutputs: { o: "{{ a.n }}" }'),
      {},
    )
    const reply = await engine.ask({ kind: 'run', key: 'r' }, message as unknown as Json, { id: 'r' })
    expect(reply).toMatchObject({ type: 'run-end', status: 'completed', outputs: { inline: { o: 1 } } })
  })

  test('refuses a second start, and a pipeline that is not there', async () => {
    const { engine, compile, values } = openWorkshop()
    const { runStartMessage } = await import('../../src/pipeline/run/start-message.ts')
    const message = (await runStartMessage(
      values,
      compile('name: x\nsteps: [{ id: a, tool: say }]'),
      {},
    )) as unknown as {
      [key: string]: Json
    }
    await engine.ask({ kind: 'run', key: 'r' }, message)
    await expect(engine.ask({ kind: 'run', key: 'r' }, message)).rejects.toMatchObject({ code: 'run_exists' })
    await expect(engine.ask({ kind: 'run', key: 'q' }, { ...message, pipeline: 'gone' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('the cost of a step', () => {
  test('in parts written and characters of state is the same in a long pipeline as in a short one', async () => {
    expect(await costOf(400)).toEqual(await costOf(40))
  })
})

/** The most parts and characters that any turn of a run committed but its first and last. */
async function costOf(length: number): Promise<{ parts: number; characters: number }> {
  const { run, disk } = openWorkshop()
  const { commit } = disk
  const sizes: { parts: number; characters: number }[] = []
  disk.commit = (name, changed, ...rest) => {
    const { parts, cell } = changed
    if (name.startsWith('run/'))
      sizes.push({ parts: Object.keys(parts).length, characters: roundUp(JSON.stringify([parts, cell]).length) })
    return commit(name, changed, ...rest)
  }
  const steps = Array.from(
    { length },
    (_, n) => `  - { id: s${n}, tool: say, depends_on: ${n > 0 ? `s${n - 1}` : '[]'} }`,
  )
  await run(`name: x\nsteps:\n${steps.join('\n')}`)
  const middle = sizes.slice(1, -1)
  return {
    parts: Math.max(...middle.map(({ parts }) => parts)),
    characters: Math.max(...middle.map(({ characters }) => characters)),
  }
}

const roundUp = (characters: number) => Math.ceil(characters / 500) * 500

describe('outputs', () => {
  const outputsOf = async (outputs: string) =>
    await openWorkshop().run(
      `name: x\ninputs: { n: 2 }\nsteps: [{ id: a, tool: say, parameters: { list: [1, 2], content: hi } }, { id: s, tool: say, if: "no" }]\noutputs: ${outputs}`,
    )

  test('keep their type when they are one expression, and are text otherwise', async () => {
    expect(
      (await outputsOf('{ list: "{{ a.list }}", n: "{{ n }}", text: "n={{ n }}", plain: word, number: 7 }')).outputs,
    ).toEqual({
      list: [1, 2],
      n: 2,
      text: 'n=2',
      plain: 'word',
      number: 7,
    })
  })

  test.each([
    ['a list of names and values', '[{ name: o, value: "{{ a }}" }]'],
    ['a list of single pairs', '[{ o: "{{ a }}" }]'],
    ['a map with value', '{ o: { type: string, value: "{{ a }}" } }'],
    ['a map with source', '{ o: { description: x, source: "{{ a }}" } }'],
  ])('in the spelling of %s', async (_name, outputs) => {
    expect((await outputsOf(outputs)).outputs).toEqual({ o: 'hi' })
  })

  test('that cannot be told are null, with a warning, and the run is completed', async () => {
    const end = await outputsOf(
      '{ good: "{{ a }}", bad: "{{ a.nothing.there }}", skipped: "{{ s }}", kept: "{{ s | default(1) }}" }',
    )
    expect(end).toMatchObject({ status: 'completed', outputs: { good: 'hi', bad: null, skipped: '', kept: 1 } })
    expect(end.warnings).toEqual([expect.stringMatching(/outputs.bad: unresolved: 'a.nothing/)])
  })
})
