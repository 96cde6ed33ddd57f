import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock, Engine } from '../../src/engine/engine.ts'
import { type InlineDisk, inlineDisk } from '../../src/engine/inline/disk.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { NotFoundError, TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Actor, EffectClass } from '../../src/kernel/types.ts'
import type { ModelReply, ModelRequest } from '../../src/model/request/request.ts'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { checkInputs, grantedPaths } from '../../src/pipeline/language/parse/inputs/given-inputs.ts'
import type { CompiledPipeline } from '../../src/pipeline/plan/compiled.ts'
import type { Inputs } from '../../src/pipeline/plan/inputs.ts'
import { runStartMessage } from '../../src/pipeline/run/start-message.ts'
import type { PipelineServices } from '../../src/pipeline/step/context.ts'
import type { PinStore } from '../../src/step/call/context.ts'
import { decodeEvent } from '../../src/step/messages/codec.ts'
import type { ValueStore } from '../../src/step/values.ts'
import { type CallContext, defineTool, type Tool } from '../../src/tool/tool.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { NAMELESS, stepPool } from '../worker/pools.ts'
import { pipelineActors } from './pipeline-actors.ts'

/** Values in memory; a fresh object each time, as if read from disk, frozen once. */
export function memoryValues(): ValueStore & { readonly all: Map<string, Json> } {
  const all = new Map<string, Json>()
  return {
    all,
    async put(value) {
      const text = JSON.stringify(value)
      const hash = createHash('sha256').update(text).digest('hex')
      if (!all.has(hash)) all.set(hash, JSON.parse(text))
      return hash
    },
    async get(hash) {
      const value = all.get(hash)
      if (value === undefined) throw new NotFoundError(`there is no blob ${hash}`)
      return value
    },
  }
}

/** Bytes in memory. */
export function memoryPins(): PinStore & { readonly all: Map<string, Uint8Array> } {
  const all = new Map<string, Uint8Array>()
  return {
    all,
    async put(content) {
      const hash = createHash('sha256').update(content).digest('hex')
      all.set(hash, Buffer.from(content))
      return hash
    },
    async get(hash) {
      const content = all.get(hash)
      if (!content) throw new NotFoundError(`there are no bytes ${hash}`)
      return content
    },
  }
}

/** What is called with what, in order. */
export type Calls = { readonly tool: string; readonly input: Json; readonly key: string }[]

const anything = z.record(z.string(), z.json()) as unknown as Tool['input']

/** A tool that records its calls and does what `act` says. */
export function tool(
  name: string,
  act: (input: { [name: string]: Json }, context: CallContext) => Json | Promise<Json>,
  effect: EffectClass = 'idempotent',
  calls?: Calls,
): Tool {
  return defineTool({
    name,
    description: name,
    input: anything,
    effect,
    execute(input, context) {
      calls?.push({ tool: name, input: structuredClone(input) as Json, key: context.idempotencyKey })
      return act(input as { [name: string]: Json }, context)
    },
  })
}

export type Workshop = {
  readonly engine: Engine
  readonly values: ValueStore
  readonly pins: ReturnType<typeof memoryPins>
  readonly disk: InlineDisk
  readonly calls: Calls
  compile(text: string): CompiledPipeline
  start(text: string, inputs?: Inputs, id?: string): Promise<string>
  /** Runs a pipeline to its end and hands back its run-end event. */
  run(text: string, inputs?: Inputs): Promise<Ended>
  events(id: string): Promise<readonly Fact[]>
}
export type Fact = { readonly type: string; readonly [field: string]: Json }
export type Ended = Fact & {
  readonly id: string
  readonly status: string
  readonly outputs: Json
  readonly steps: { readonly [id: string]: Fact }
}

type Options = {
  readonly seed?: number
  readonly disk?: InlineDisk
  readonly values?: ValueStore
  readonly calls?: Calls
  readonly tools?: readonly Tool[]
  readonly actors?: readonly Actor[]
  readonly workers?: number
  readonly clock?: Clock
  readonly services?: Partial<PipelineServices>
  generate?(request: ModelRequest): Promise<ModelReply>
}

/** An inline engine with pipelines on it: tools `say` (echoes its parameters), `fail`, and those given. */
export function openWorkshop(options: Options = {}): Workshop {
  const { seed, disk = inlineDisk(), values = memoryValues(), calls = [], actors = [], workers = 4 } = options
  const basic = [
    tool('say', (input) => input, 'pure', calls),
    tool(
      'fail',
      ({ message }) => {
        throw new TerminalError(String(message ?? 'broken'), { code: 'tool_error' })
      },
      'pure',
      calls,
    ),
  ]
  const toolbox = createToolbox([...basic, ...(options.tools ?? [])])
  const pins = memoryPins()
  const services: PipelineServices = {
    values,
    pins,
    readParts: (of, page) => engine.view.parts(of, page),
    askActor: (to, body, correlationId) => engine.ask(to, body, { correlationId, forTurn: true }),
    toolbox,
    models: {
      ...NAMELESS,
      generate: options.generate ?? (() => Promise.reject(new TerminalError('no model here'))),
      choose: () => ({ id: 'test/chosen', why: 'there is no other' }),
    },
    pool: stepPool(workers, 10_000),
    root: process.cwd(),
    roots: [process.cwd()],
    ...options.services,
  }
  const engine: Engine = inlineEngine({
    ...(options.clock && { clock: options.clock }),
    actors: [...pipelineActors(services), ...actors],
    disk,
    ...(seed !== undefined && { seed }),
  })

  function compile(text: string): CompiledPipeline {
    const { pipeline, findings } = compileText(text, { file: 'test.yaml', toolbox })
    if (!pipeline) throw new Error(`does not compile: ${JSON.stringify(findings)}`)
    return pipeline
  }

  async function start(text: string, inputs: Inputs = {}, id = 'run_1'): Promise<string> {
    const pipeline = compile(text)
    const granted = grantedPaths(pipeline, inputs)
    const message = await runStartMessage(values, pipeline, checkInputs(pipeline, inputs), { granted })
    await engine.tell({ kind: 'run', key: id }, message as unknown as Json, { id, correlationId: id })
    return id
  }

  async function events(id: string): Promise<readonly Fact[]> {
    const seen: Fact[] = []
    const stuck = new AbortController()
    const watch = setInterval(async () => (await engine.deadLetters.list()).length > 0 && stuck.abort(), 50)
    for await (const { body } of engine.view.events({ kind: 'run', key: id }, { signal: stuck.signal })) {
      seen.push(decodeEvent(body) as Fact)
      if ((body as Fact).type === 'run-end') break
    }
    clearInterval(watch)
    if (stuck.signal.aborted) throw new Error(`dead letters: ${JSON.stringify(await engine.deadLetters.list())}`)
    return seen
  }

  async function run(text: string, inputs: Inputs = {}): Promise<Ended> {
    const id = await start(text, inputs)
    const seen = await events(id)
    const end = seen.at(-1)!
    const outputs = end.outputs as { inline: Json } | { blob: string } | undefined
    const value = outputs === undefined ? null : 'inline' in outputs ? outputs.inline : await values.get(outputs.blob)
    const steps = Object.fromEntries(seen.filter(({ type }) => type === 'step-end').map((fact) => [fact.step, fact]))
    return { ...end, id, outputs: value, steps } as unknown as Ended
  }

  return { engine, values, pins, disk, calls, compile, start, run, events }
}

/** A point where work waits until a test lets it go on. */
export function gate(): {
  readonly reached: Promise<void>
  readonly released: Promise<void>
  arrive(): Promise<void>
  release(): void
} {
  const arrived = Promise.withResolvers<void>()
  const open = Promise.withResolvers<void>()
  return {
    reached: arrived.promise,
    released: open.promise,
    arrive() {
      arrived.resolve()
      return open.promise
    },
    release: open.resolve,
  }
}
