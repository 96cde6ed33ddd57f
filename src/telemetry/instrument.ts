import type { Engine } from '../engine/engine.ts'
import { getOrInsert } from '../lib/collections/get-or-insert.ts'
import { LOCAL_OWNER, ownerOf } from '../lib/owner.ts'
import { failedUsageOf } from '../model/cost/usage.ts'
import type { Models } from '../model/models.ts'
import type { Usage } from '../model/request/request.ts'
import { NOOP_OBSERVER, type Observer } from '../observe/observer.ts'
import { type CallFor, resultOfFailure, type Tool } from '../tool/tool.ts'
import type { Toolbox } from '../tool/toolbox.ts'
import type { Pool } from '../worker/pool/pool.ts'

/** Models that report each call. */
export function observedModels<M extends Models>(models: M, observer: Observer): M {
  if (observer === NOOP_OBSERVER) return models
  return {
    ...models,
    generate: (request, options) =>
      during(observer, request.model ?? models.default.id, () => models.generate(request, options)),
    embed: (request, options) => during(observer, request.model, () => models.embed(request, options)),
    transcribe: (request, options) => during(observer, request.model, () => models.transcribe(request, options)),
    draw: (request, options) => during(observer, request.model, () => models.draw(request, options)),
    speak: (request, options) => during(observer, request.model, () => models.speak(request, options)),
  }
}

type ReportedUse = { readonly model: string; readonly usage?: Usage; readonly cost?: number }

function during<Reply extends ReportedUse>(
  observer: Observer,
  model: string,
  call: () => Promise<Reply>,
): Promise<Reply> {
  return observer.span({ name: 'model-call', model }, async (note) => {
    try {
      const reply = await call()
      note(notedOf(reply))
      return reply
    } catch (error) {
      note(notedOf(failedUsageOf(error)))
      throw error
    }
  })
}

function notedOf({ model, usage, cost }: Partial<ReportedUse> = {}) {
  return { ...(model !== undefined && { model }), ...usage, ...(cost !== undefined && { cost }) }
}

/** Tools that report each call. */
export function observedTools(toolbox: Toolbox, observer: Observer): Toolbox {
  if (observer === NOOP_OBSERVER) return toolbox
  const known = new WeakMap<Tool, Tool>()
  const observed = (tool: Tool): Tool => getOrInsert(known, tool, () => observedTool(tool, observer))
  return {
    ...toolbox,
    find(name, operation) {
      const tool = toolbox.find(name, operation)
      return tool && observed(tool)
    },
  }
}

function observedTool(tool: Tool, observer: Observer): Tool {
  const observed =
    (execute: Tool['execute']): Tool['execute'] =>
    (input, context) =>
      observer.span({ name: 'tool-call', tool: tool.name, ...agentCallOf(context) }, async (note) => {
        try {
          const result = await execute.call(tool, input, context)
          note(sandboxIn(result))
          return result
        } catch (error) {
          note(sandboxIn(resultOfFailure(error)))
          throw error
        }
      })
  const { execute, confined } = tool
  // everything else of the tool stays as it is
  return Object.assign(Object.create(tool) as Tool, {
    execute: observed(execute),
    ...(confined && { confined: observed(confined) }),
  })
}

/** The names and ids of a call, without what the program or a model gave. A conversation has the name of its thread. */
function agentCallOf({ owner, agent, conversation, run, step }: Partial<CallFor>) {
  return {
    ...(agent !== undefined && { agent }),
    ...(conversation !== undefined && {
      conversation: ownerOf({ owner }) === LOCAL_OWNER ? conversation : `${owner}:${conversation}`,
    }),
    ...(run !== undefined && step !== undefined && { call: `${run}.${step}` }),
  }
}

/** The sandbox that a result names. Telemetry holds names only, so anything that does not look like one is left out. */
function sandboxIn(result: unknown): { readonly sandbox?: string } {
  const { sandbox } = Object(result) as { readonly sandbox?: unknown }
  return typeof sandbox === 'string' && /^[\w.-]{1,50}$/.test(sandbox) ? { sandbox } : {}
}

/** A pool whose tasks report as children of the span that submitted them. */
export function observedPool<P extends Pool>(pool: P, observer: Observer): P {
  if (!observer.tracing) return pool
  return { ...pool, submit: (task) => pool.submit({ ...task, run: observer.carry(task.run.bind(task)) }) }
}

/** An engine whose external messages carry the trace of their sender. */
export function observedEngine(engine: Engine, observer: Observer): Engine {
  if (!observer.tracing) return engine
  const traced = <Given extends { readonly id?: string; readonly correlationId?: string; readonly trace?: string }>(
    given?: Given,
  ) => {
    const trace = given?.trace ?? observer.trace(given?.correlationId ?? given?.id)
    return { ...(given as Given), ...(trace !== undefined && { trace }) }
  }
  return {
    ...engine,
    tell: (to, body, given) => engine.tell(to, body, traced(given)),
    ask: (to, body, given) => engine.ask(to, body, traced(given)),
  }
}
