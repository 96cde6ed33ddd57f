import { createHash } from 'node:crypto'
import type { LangGraphRunnableConfig } from '@langchain/langgraph'
import type { App, Workflow } from 'antiphon'
import { InvalidError, type JsonObject, outputsOf } from 'antiphon/extend'
import type { GraphCheckpointer } from './saver.ts'

/** A node of a graph. */
export type RunNode<State, Returned> = (state: State, config: LangGraphRunnableConfig) => Promise<Returned>

/** A run as a node: its input, made from the state of the graph, and the update of the state, made from its result. */
export type RunNodeOptions<State, Input, Result, Returned> = {
  input(state: State): Input
  update(result: Result): Returned
}

/**
 * A run of a workflow as a node of a graph, or of one of the program's pipelines by its name. It runs once for each
 * checkpoint: a node that is repeated joins its run. The graph needs a `checkpointer` of antiphon.
 */
export function runNode<State, Input, Output, Returned>(
  app: Pick<App, 'start'>,
  workflow: Workflow<string, Input, Output>,
  options: RunNodeOptions<State, NoInfer<Input>, NoInfer<Output>, Returned>,
): RunNode<State, Returned>
export function runNode<Pipeline extends string, State, Returned>(
  app: Pick<App<Pipeline>, 'run'>,
  pipeline: NoInfer<Pipeline>,
  options: RunNodeOptions<State, JsonObject, JsonObject, Returned>,
): RunNode<State, Returned>
export function runNode(
  app: object,
  target: string | Workflow<string, Any, Any>,
  { input, update }: RunNodeOptions<Any, Any, Any, Any>,
): RunNode<Any, Any> {
  const { run, start } = app as Pick<App, 'run' | 'start'>
  const name = typeof target === 'string' ? target : target.name
  return async (state, config) => {
    const { saver, thread, namespace } = await storedTask(config)
    const { owner } = saver
    const id = idOf([owner, thread, namespace, name])
    const signal = config.signal && { signal: config.signal }
    if (typeof target === 'string')
      return update(outputsOf(await run(target, { inputs: input(state), id, owner, ...signal })))
    const begun = await start(target, input(state), { id, owner })
    return update(await begun.result(signal))
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the overloads have the types
type Any = any

/** The id of a run. A task of a node has its own namespace. */
const idOf = (task: readonly string[]) =>
  `graph_${createHash('sha256').update(JSON.stringify(task)).digest('hex').slice(0, 32)}`

/** The task that a node works for, once the checkpoints that it comes from are on disk. A task is as old as these. */
async function storedTask({ configurable = {} }: LangGraphRunnableConfig) {
  const {
    thread_id: thread,
    checkpoint_ns: namespace,
    checkpoint_map: from,
    __pregel_checkpointer: saver,
  } = configurable
  if (!isOurs(saver) || typeof thread !== 'string' || typeof namespace !== 'string') throw withoutCheckpointer()
  for (const [above, id] of Object.entries((from ?? {}) as { readonly [namespace: string]: string }))
    await saver.stored({ thread, namespace: above, id })
  return { saver, thread, namespace }
}

const isOurs = (saver: unknown): saver is GraphCheckpointer =>
  typeof saver === 'object' && saver !== null && 'stored' in saver && typeof saver.stored === 'function'

function withoutCheckpointer(): InvalidError {
  return new InvalidError('The graph of a runNode has no checkpointer of antiphon, so a kill would repeat its run.', {
    hint: 'Compile it with { checkpointer: await checkpointer(app) }, and call it with a thread_id.',
  })
}
