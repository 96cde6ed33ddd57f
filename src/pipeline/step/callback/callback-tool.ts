import { type Problem, TerminalError } from '../../../errors.ts'
import { parseInput } from '../../../tool/input.ts'
import type { Tool } from '../../../tool/tool.ts'
import { type CallbackRequest, type CallbackResult, type CallbackTraits, isCallbackTool } from '../../plan/callback.ts'
import type { CallbackWork, StepParameters } from '../../plan/compiled.ts'
import { storeRef } from '../../plan/refs.ts'
import type { Deed, Job, PipelineServices, Result } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { findTool } from '../tool-call.ts'
import { chainAsking } from './chain-callback.ts'

/** A tool whose work somebody else does. */
export type AskingTool = Tool & CallbackTraits & { readonly asking: Asking }

/** Work of a step that somebody else does: what they are asked, and what their answer means. Both run within an effect of the step. */
// biome-ignore lint/suspicious/noExplicitAny: those of all inputs lie in one table
export interface Asking<Input = any> {
  /** A result when nobody needs to be asked. */
  ask(input: Input, job: Job): CallbackRequest | Result | Promise<CallbackRequest | Result>
  /** What it throws, or a problem that was heard and is thrown on, fails the step. */
  take(question: CallbackRequest, heard: CallbackResult, hearing: Hearing): Verdict | Promise<Verdict>
}

/** What an answer is judged with; `ms`: how long it took; `key`: the idempotency key of the step's call. */
export type Hearing = {
  readonly services: PipelineServices
  readonly parameters: StepParameters
  readonly ms: number
  readonly key: string
}

/** What an answer comes to: a result; not an answer, and the question stands; another question after a while. */
export type Verdict =
  | Result
  | { readonly type: 'refused'; readonly problem: Problem; readonly question: CallbackRequest }
  | { readonly type: 'again'; readonly question: CallbackRequest; readonly delay: number }

/** The question a step puts to the chain. */
export async function askChain(authored: StepParameters, job: Job): Promise<Deed> {
  const { services, pipeline, scope } = job
  const parameters = renderAll(authored, pipeline, scope, ['parameters']) as StepParameters
  return prepare('chain', askingOf(services, 'chain'), parameters, parameters, job)
}

/** The question of a tool whose work somebody else does. */
export async function askByTool(work: CallbackWork, job: Job): Promise<Deed> {
  const { services, pipeline, scope } = job
  const rendered = renderAll(work.parameters, pipeline, scope, ['parameters']) as StepParameters
  const parameters = { ...rendered, ...work.opaque }
  const tool = findTool(work, job)
  const input = await parseInput(tool, parameters)
  return prepare(tool.name, askingOf(services, tool.name), input, parameters, job)
}

/** Who makes a kind of question; TerminalError when there is no such kind any more. */
export function askingOf({ toolbox }: PipelineServices, name: string): Asking {
  if (name === 'chain') return chainAsking
  const tool = toolbox.find(name)
  if (tool && isCallbackTool(tool)) return tool.asking as Asking
  throw new TerminalError(`nobody here knows what to make of an answer for ${name}`, { code: 'unknown_tool' })
}

/** The step itself sends it, for waiting is no effect. */
async function prepare(name: string, asking: Asking, input: unknown, given: StepParameters, job: Job): Promise<Deed> {
  const asked = await asking.ask(input, job)
  if ('type' in asked) return { ...asked, parameters: given }
  return { type: 'ask', asking: name, question: asked, parameters: await storeRef(job.services.values, given) }
}
