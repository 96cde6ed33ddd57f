import { describe, expect, onTestFinished, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { compileText } from '../../src/pipeline/language/compile.ts'
import type { RunState } from '../../src/pipeline/plan/run-state.ts'
import { pipelineLanguage } from '../../src/pipeline/run/language.ts'
import { runStartMessage } from '../../src/pipeline/run/start-message.ts'
import { runActor } from '../../src/run/actor/run-actor.ts'
import { inlineOpener, libsqlOpener, until } from '../../src/testing/index.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { NAMELESS, stepPool } from '../worker/pools.ts'
import { pipelineActors } from './pipeline-actors.ts'
import { type Calls, memoryValues, tool } from './workshop.ts'

const OPENERS = { inline: inlineOpener(), libsql: libsqlOpener({ writer: 'main', synchronous: 'NORMAL' }) }
const ENGINES = ['inline', 'libsql'] as const
const RUN = { kind: 'run', key: 'r' }
const asker = { kind: 'reply', key: 'ask' }

const steps = (policy = '') => `name: x
steps:
  - { id: quick, tool: strike${policy} }
  - { id: slow, tool: hang }
  - { id: after, tool: say, dependencies: [quick] }`
const loop = `name: x
steps:
  - id: each
    for_each: "{{ [1, 2, 3, 4] }}"
    max_parallel: 1
    steps: [{ id: it, tool: strike }]`

/** A run whose pipeline cannot be read so many times, from the end of a step that strikes it on. */
async function openStruck(engineName: (typeof ENGINES)[number], text: string, misses: number) {
  let left = 0
  const values = memoryValues()
  const calls: Calls = []
  const released = Promise.withResolvers<void>()
  const strike = tool('strike', () => {
    left = misses
    return null
  })
  const hang = tool('hang', (_input, { signal }) =>
    Promise.race([
      released.promise.then(() => null),
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]),
  )
  const toolbox = createToolbox([strike, hang, tool('say', () => null, 'pure', calls)])
  const { pipeline, findings } = compileText(text, { file: 'x.yaml', toolbox })
  if (!pipeline) throw new Error(JSON.stringify(findings))
  const services = {
    ...{
      values,
      toolbox,
      models: {
        ...NAMELESS,
        generate: () => Promise.reject(new TerminalError('no model here')),
        choose: () => ({ id: '', why: '' }),
      },
    },
    pool: stepPool(4, 100),
    ...{ root: process.cwd(), roots: [] },
    readParts: (...page: Parameters<Engine['view']['parts']>) => engine.view.parts(...page),
  }
  const struck = {
    ...values,
    get: (hash: string) =>
      left-- > 0 ? Promise.reject(new TerminalError('the blob is damaged', { code: 'damaged' })) : values.get(hash),
  }
  const [, step] = pipelineActors(services)
  const opened = await OPENERS[engineName]([runActor({ languages: [pipelineLanguage({ values: struck })] }), step!])
  onTestFinished(() => opened.close())
  const { engine } = opened
  const start = await runStartMessage(values, pipeline, {})
  const asked = engine.ask(RUN, start as unknown as Json, { id: asker.key })
  return { engine, asked, calls, release: released.resolve }
}

const stateOf = async (engine: Engine) => (await engine.view.peek(RUN)) as RunState | undefined

/** Waits until a run is over, or has given up two messages: then nobody would tell it more. */
async function untilRest(engine: Engine): Promise<RunState> {
  return until(async () => {
    const state = await stateOf(engine)
    if (state?.finishedAt !== undefined || (await engine.deadLetters.list()).length > 1) return state
  })
}

describe.each(ENGINES)('a step that cannot tell its run how it ended, on the %s engine', (name) => {
  test('has failed: its message is a dead letter, and the run says which step and why', async () => {
    const { engine, asked, release } = await openStruck(name, steps(), 1)
    release()
    expect(await untilRest(engine)).toMatchObject({
      status: 'failed',
      problem: { step: 'quick', code: 'damaged', message: 'the blob is damaged' },
    })
    expect(await engine.deadLetters.list()).toMatchObject([
      { letter: { type: 'response' }, problem: { code: 'damaged' } },
    ])
    expect(await asked).toMatchObject({ type: 'run-end', status: 'failed' })
  })

  test('lets its run go on where a failure may be passed over', async () => {
    const { engine, calls, release } = await openStruck(name, steps(', on_failure: continue'), 1)
    release()
    expect(await untilRest(engine)).toMatchObject({ status: 'completed', done: 2, failed: 1 })
    expect(calls).toHaveLength(1)
  })

  test.each([
    ['steps', steps()],
    ['a loop', loop],
  ])(
    'fails its run of %s when not even that can be stored: nothing hangs, and the caller gets the reason',
    async (_of, text) => {
      const { engine, asked } = await openStruck(name, text, Number.POSITIVE_INFINITY)
      expect(await untilRest(engine)).toMatchObject({
        status: 'failed',
        problem: { code: 'damaged', message: 'the blob is damaged' },
      })
      expect(await asked).toMatchObject({ type: 'run-end', status: 'failed', problem: { code: 'damaged' } })
      await until(async () => (await engine.view.inspect({ kind: 'step' })).length === 0)
      expect(await engine.view.list('run', { where: { status: 'failed' } })).toHaveLength(1)
    },
  )
})
