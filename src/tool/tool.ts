/**
 * Tools: typed actions that steps and agents call. This file says what a tool is and what it receives. `builtin/`
 * has our tools, `plugin/` loads those of a project, `mcp/` those of MCP servers, and `writes/` decides which writes
 * wait for a person. CONTRIBUTING.md has a recipe.
 */

import { InvalidError, is, TerminalError } from '../errors.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import type { Schema } from '../kernel/schema.ts'
import type { EffectClass } from '../kernel/types.ts'
import type { CallFor } from '../model/request/request.ts'
import type { CallFinding, CallInDoubt } from './once/call-finding.ts'
import type { CallProgress } from './once/call-progress.ts'
import type { Once } from './once/once.ts'
import { findToolFault, isToolName } from './plugin/tool-fault.ts'
import type { ToolEnvironments, ToolFiles, ToolServices } from './services.ts'

export type { CallFor } from '../model/request/request.ts'

/** A typed action with an effect class. `operation` names the action of a tool that offers several. */
// biome-ignore lint/suspicious/noExplicitAny: tools of all inputs lie in one table
export interface Tool<Input = any, Output extends Json = any> {
  /** `filesystem:read` is operation `read` of tool `filesystem`; a tool with one operation has no colon */
  readonly name: string
  readonly description: string
  readonly input: Schema<Input>
  /** fields of the result; a closed object lets `validate` find reads of missing fields */
  readonly output?: Schema<Output>
  readonly effect: EffectClass
  /** the MCP server that brings it */
  readonly server?: string
  /** `machine`: it reaches more than the roots; an untrusted starter's run may call it only where that is configured */
  readonly reach?: 'machine'
  /** parameters that are paths; `validate` warns if a literal path lies outside the roots */
  readonly paths?: readonly string[]
  /**
   * the paths that a call with these parameters, as they were given, would change. A call that a model chose waits for
   * a person unless all of them lie in folders that `writes:` opens
   */
  changes?(parameters: unknown): readonly string[]
  /** parameters that are command lines; template values in them are quoted unless the call sets `unsafe_shell: true` */
  readonly commands?: readonly string[]
  /**
   * a tool of a plugin: `process` runs its code in a process of its own, which loads the plugin there. Its crash fails
   * the call alone, and a cancelled call is killed
   */
  readonly isolation?: 'process'
  /** megabytes of memory that the heap of its process may use; only with `isolation` */
  readonly memory?: number
  /** the most seconds that a call may take; the timeout of a step may be shorter */
  readonly timeout?: number
  /** the most seconds between two signs of life of a call: `progress`, `log` or `heartbeat`; then it fails */
  readonly heartbeat?: number
  /**
   * whether a person approves a call of it first, on every path and under every policy: `true`, or a pure function. It
   * is asked before the question and again before the call. If it throws, a person is asked. After `false`, only a
   * policy that names the tool asks, or `writes:`; without the key, the policy decides by the effect of the call
   */
  readonly approve?: boolean | ApproveCall<NoInfer<Input>>
  /**
   * the question to a person before a call, on one line of at most 200 characters: a text with the names of arguments
   * in braces (`Refund {cents} for order {order}?`), or a pure function. Texts of arguments come in quotes, because a
   * model may have written them; numbers, and the values of an enum, come as they are. Absent: its name and the first
   * two short arguments
   */
  readonly title?: string | TitleCall<NoInfer<Input>>
  /**
   * finds out whether a call of an at-most-once tool took place, whose outcome is unknown. It gets the arguments that
   * were sent, and only reads: it may be called often, and it ends within 30 seconds. A person is asked where it does
   * not know
   */
  lookUp?(input: Input, call: CallInDoubt): CallFinding<NoInfer<Output>> | Promise<CallFinding<NoInfer<Output>>>
  /**
   * the time (seconds, or a text such as `1m`) after which a call that `lookUp` does not find was not made. It counts
   * from the moment at which the outcome became unknown. Absent: a person decides
   */
  readonly settlesAfter?: number | string
  /** it may charge the budgets of its run (`pay`); such calls of one step are made one after the other */
  readonly paid?: true
  /** words for what it can do, such as `checkpoints`; a step may require them */
  readonly capabilities?: readonly string[]
  /** How the system behind it is, in a sentence; throws if it does not work. `doctor` and `status` wait at most 5 s */
  health?(signal: AbortSignal): Promise<string | undefined> | string | undefined
  /** A `File` in the result is stored for the owner of the run, and its reference stands in its place. */
  execute(input: Input, context: CallContext): Promise<Output | File> | Output | File
  /** The same in a sandbox: for calls that may not reach the machine, chosen by a model or from the network. */
  confined?(input: Input, context: CallContext): Promise<Output> | Output
  /** called once before the first action, in a run that may be undone; `undo` gets the result as `memo` */
  prepare?(input: Input, context: ToolContext): Promise<Json> | Json
  /** reverts a call, or throws if that is impossible; must be idempotent, because it may run again after a crash */
  undo?(done: CompletedCall<Input, Output>, context: ToolContext): Promise<void> | void
}

/** The question about a call. */
type TitleCall<Input> = { titles(input: Input): string }['titles']

/** Whether a person approves a call first. */
type ApproveCall<Input> = { approves(input: Input, call: CallFor): boolean }['approves']

/** A completed call: its input, its result and the memo of `prepare`. */
// biome-ignore lint/suspicious/noExplicitAny: tools of all inputs lie in one table
export type CompletedCall<Input = any, Output = any> = {
  readonly input: Input
  readonly output: Output
  readonly memo: Json
}

/** The environment of a tool. `root` is the base of relative paths; paths outside `roots` are forbidden. */
export type ToolContext = CallFor & {
  readonly signal: AbortSignal
  /** the same for all attempts and restarts of this call */
  readonly idempotencyKey: string
  readonly root: string
  readonly roots: readonly string[]
  /** divides threads for long computations fairly among owners or runs; absent: the only user of the threads */
  readonly share?: string
  /** the network and sandboxes of the runtime */
  readonly services?: ToolServices
  /** the environments of the owner of the run; absent outside runs */
  readonly environments?: ToolEnvironments
  /** the files of the owner of the run; absent outside runs */
  readonly files?: ToolFiles
  /** the ports of all rooms for the owner of the run, by their names; absent outside runs */
  readonly rooms?: RoomsForTools
  /** Makes a call that costs money: the budgets of the run pay, or the step waits for them; absent: nobody pays. */
  pay?<Made>(call: PaidCall<Made>): Promise<Made>
  emit(delta: Json): void
  /** Reports facts that the result cannot state itself; absent: there is no listener. */
  tell?(note: ResultNote): void
  /** Tells about an error that comes after the call has ended; absent: nobody listens. */
  tellLate?(warning: string): void
}

/** The services of a call; InvalidError if the caller of the tool passes none. */
export function servicesOf({ services }: Pick<ToolContext, 'services'>): ToolServices {
  if (services) return services
  throw new InvalidError('This tool needs the services of a runtime: give `services` in its context.')
}

/**
 * The environment of a tool in a call. The words of `CallProgress` are absent where no run hears them: outside of runs,
 * and in a process of its own.
 */
export type CallContext = ToolContext &
  Partial<CallProgress> & {
    /**
     * Does a part of the call, and records its result under a name. A call that is made again, after a kill or a
     * failure, gets this result and does only what had not ended
     */
    readonly once: Once
    /** the answers to the last question of the call, by the ids of its items; absent: nobody has answered one */
    readonly answers?: JsonObject
  }

/** The run whose step calls a tool. */
export type CallingRun = {
  readonly id: string
  /** ms since the epoch */
  readonly startedAt: number
  readonly chosenByModel?: true | undefined
}

/** The ports of rooms as the tools of a run use them, by the names of the ports. */
export type RoomsForTools = {
  readonly environments?: ToolEnvironments
  readonly files?: ToolFiles
  readonly [port: string]: object | undefined
}

/** A note on a result, outside its data: a warning, or a loss (`lacks`). `whole`: all text of a field that is cut. */
export type ResultNote =
  | { readonly warning: string }
  | { readonly lacks: string; readonly whole?: { readonly field: string; readonly text: string } }

/** A call that costs money, in dollars. */
export type PaidCall<Made> = {
  readonly cost: number
  readonly signal: AbortSignal
  readonly call: () => Promise<Made>
}

/**
 * Defines a tool, and checks all of its keys.
 * @throws InvalidError `invalid_tool` whose place is the wrong key
 */
export function defineTool<Input, Output extends Json>(tool: Tool<Input, Output>): Tool<Input, Output> {
  const fault = findToolFault(tool)
  if (!fault) return tool
  const { path, message, hint } = fault
  const name = typeof tool?.name === 'string' && isToolName(tool.name) ? `the tool ${tool.name}: ` : ''
  throw new InvalidError(`${name}${message}`, { code: 'invalid_tool', place: { path }, ...(hint && { hint }) })
}

/** A tool whose effect class depends on its input; `effect` is the default. */
export type DynamicEffectTool = Tool & { effectOf(input: unknown): EffectClass }

export function effectClassOf(tool: Tool, input: unknown): EffectClass {
  return varies(tool) ? tool.effectOf(input) : tool.effect
}

const varies = (tool: Tool): tool is DynamicEffectTool => 'effectOf' in tool && typeof tool.effectOf === 'function'

const RESULT = Symbol.for('antiphon.tool-failure')

/** A failure that carries a result: `result` has the same fields as a success. Never retried. */
export class ToolFailure extends TerminalError {
  readonly [RESULT] = true
  readonly result: Json
  constructor(
    message: string,
    { code = 'tool_failed', hint, result }: { readonly code?: string; readonly hint?: string; readonly result: Json },
  ) {
    super(message, { code, ...(hint !== undefined && { hint }) })
    this.result = result
  }
}

/** The result of a failed tool, also across copies of this package; undefined for any other error. */
export function resultOfFailure(error: unknown): Json | undefined {
  return is(error) && RESULT in error ? (error as ToolFailure).result : undefined
}

/** Whether a name stands for a tool: its own name, or that of a tool of which it is one operation. */
export const isToolNamed = (tool: string, name: string): boolean => tool === name || tool.startsWith(`${name}:`)
