import type { BaseCheckpointSaver, Interrupt, StateSnapshot } from '@langchain/langgraph'
import { type CallContext, defineTool, type Json, type Tool } from 'antiphon'
import type { Checkpoints, ToolAnswers, ToolQuestion, ToolQuestionItem } from 'antiphon/extend'
import { asJson, clip, isJsonObject, QuestionError, TerminalError } from 'antiphon/extend'
import { createSaver } from './saver.ts'

/** A compiled graph, as far as a tool needs it. */
interface CompiledGraph {
  // biome-ignore lint/suspicious/noExplicitAny: graphs of all states are tools
  invoke(input: any, config?: any): Promise<unknown>
  getState(config: object): Promise<StateSnapshot>
}

/** A tool that is a graph. `result`: the part of its last state that is the result of the call; absent: all of it. */
export type GraphTool<Input, Output extends Json> = Pick<
  Tool<Input, Output>,
  'name' | 'description' | 'input' | 'output' | 'approve' | 'timeout' | 'reach' | 'capabilities' | 'health'
> & {
  /** Compiles the graph for a call: `(checkpointer) => builder.compile({ checkpointer })`. */
  graph(checkpointer: BaseCheckpointSaver): CompiledGraph
  // biome-ignore lint/suspicious/noExplicitAny: the state of a compiled graph has no name
  result?(state: any): Output
}

/**
 * A graph as a tool of pipelines, workflows and agents. The parameters of a call are the input of the graph. A call
 * that is made again, after a kill or a failure, goes on behind the last superstep. `interrupt()` waits in the inbox.
 */
export function graphTool<Input, Output extends Json = Json>({
  graph,
  result = asJson as (state: unknown) => Output,
  ...tool
}: GraphTool<Input, Output>): Tool<Input, Output> {
  return defineTool({
    ...tool,
    effect: 'idempotent',
    async execute(input: Input, context: CallContext): Promise<Output> {
      const saver = (await saverOf(context)) as BaseCheckpointSaver
      return result(await finalState(tool.name, { compiled: graph(saver), saver }, input, context))
    },
  })
}

/**
 * Calls the graph until it ends. QuestionError while an interrupt has no answer. `tasks` says whether it has ended: a
 * kill between the writes of the last task of a superstep and the next checkpoint leaves `next` empty.
 */
async function finalState(
  name: string,
  { compiled, saver }: { readonly compiled: CompiledGraph; readonly saver: BaseCheckpointSaver },
  input: unknown,
  { idempotencyKey, signal, answers }: CallContext,
): Promise<unknown> {
  const { Command } = await import('@langchain/langgraph')
  const config = { configurable: { thread_id: idempotencyKey } }
  const call = (given: unknown) => compiled.invoke(given, { ...config, signal, durability: 'sync' })
  const before = await compiled.getState(config)
  const { resume, open } = sortInterrupts(await unfinished(saver, before), answers)
  if (!hasBegun(before)) await call(input)
  else if (Object.keys(resume).length > 0) await call(new Command({ resume }))
  else if (open.length === 0 && before.tasks.length > 0) await call(null)
  const after = await compiled.getState(config)
  const { open: asked } = sortInterrupts(await unfinished(saver, after))
  if (asked.length > 0) throw new QuestionError(questionOfGraph(name, asked))
  if (after.tasks.length > 0) throw stopped(name, after.tasks)
  return after.values
}

const hasBegun = ({ config }: StateSnapshot) => config.configurable?.checkpoint_id !== undefined

/** The tasks of a superstep without an output. A task that was answered has its interrupt until the superstep ends. */
async function unfinished(
  saver: BaseCheckpointSaver,
  { config, tasks }: StateSnapshot,
): Promise<StateSnapshot['tasks']> {
  if (tasks.every(({ interrupts }) => interrupts.length === 0)) return tasks
  const { pendingWrites = [] } = (await saver.getTuple(config)) ?? {}
  const finished = new Set(pendingWrites.filter(([, channel]) => !CONTROL.includes(channel)).map(([task]) => task))
  return tasks.filter(({ id }) => !finished.has(id))
}

/** Channels whose writes say what happened to a task. All others are its output. */
const CONTROL = ['__error__', '__error_source_node__', '__interrupt__', '__resume__']

/** The threads of a call, of its owner. Where no run makes the call, nothing of it outlasts the process. */
async function saverOf({ rooms }: CallContext) {
  const checkpoints = rooms?.checkpoints as Checkpoints | undefined
  return checkpoints ? createSaver(checkpoints) : new (await import('@langchain/langgraph-checkpoint')).MemorySaver()
}

function stopped(tool: string, tasks: StateSnapshot['tasks']): TerminalError {
  const nodes = tasks.map(({ name }) => name).join(', ')
  return new TerminalError(`The graph of ${tool} stopped before ${nodes} without an interrupt().`, {
    code: 'tool_failed',
    hint: 'Call interrupt() in the node instead of interruptBefore and interruptAfter: it says what is asked.',
  })
}

type Waiting = Pick<Interrupt, 'value'> & { readonly id: string }

const MAX_TEXT = 4000
const MAX_TITLE = 200
const TYPES: readonly unknown[] = ['text', 'number', 'boolean', 'choice', 'multiple_choice']

/**
 * The question to a person behind the interrupts of a graph, an item for each. The value of an interrupt is its text;
 * a map may have `text`, and the `type` and `options` of the answer, in the words of questions of pipelines.
 */
function questionOfGraph(tool: string, interrupts: readonly Waiting[]): ToolQuestion {
  const items = interrupts.map(itemOf)
  const title = clip(`${tool} asks: ${items.map(({ text }) => text).join(' ')}`, MAX_TITLE)
  return { title, items, state: null, repeats: true }
}

function itemOf({ id, value }: Waiting): ToolQuestionItem {
  const { text, question, type, options } = isJsonObject(value) ? value : ({} as { readonly [key: string]: Json })
  const said = [text, question, value].find((one) => typeof one === 'string') ?? JSON.stringify(value ?? null)
  const about = { id, text: clip(`${said}`, MAX_TEXT), required: true }
  if (Array.isArray(options)) return { ...about, type: type === 'multiple_choice' ? type : 'choice', options }
  const isKnown = TYPES.includes(type) && type !== 'choice' && type !== 'multiple_choice'
  return { ...about, type: isKnown ? (type as ToolQuestionItem['type']) : 'text' }
}

/** The interrupts of tasks by their state: those that the answers are for, and those that still wait for a person. */
function sortInterrupts(
  tasks: readonly { readonly interrupts: readonly Interrupt[] }[],
  answers: ToolAnswers = {},
): { readonly resume: ToolAnswers; readonly open: readonly Waiting[] } {
  const waiting = tasks.flatMap(({ interrupts }) => interrupts).filter((one): one is Waiting => one.id !== undefined)
  const answered = waiting.filter(({ id }) => Object.hasOwn(answers, id))
  return {
    resume: Object.fromEntries(answered.map(({ id }) => [id, answers[id]!])),
    open: waiting.filter(({ id }) => !Object.hasOwn(answers, id)),
  }
}
