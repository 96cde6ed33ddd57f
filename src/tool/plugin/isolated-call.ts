// Runs in the process of an isolated tool.
import { syncBuiltinESMExports } from 'node:module'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectClass } from '../../kernel/types.ts'
import { problemOfEnd } from '../once/unknown-end.ts'
import { type CallFor, effectClassOf, resultOfFailure, type Tool, type ToolContext } from '../tool.ts'
import { guardTool } from './guard.ts'
import { importPlugin } from './import-plugin.ts'
import { onceIn, type PartFromProcess, type PartToProcess } from './isolated-parts.ts'
import { watchStrayErrors } from './stray-errors.ts'

/** A call of one function of a tool. The tool is found by its name in the plugin. */
export type IsolatedToolCall = {
  readonly file: string
  readonly tool: string
  readonly part: 'execute' | 'confined' | 'prepare' | 'undo'
  readonly input: unknown
  readonly context: CallFor & Pick<ToolContext, 'idempotencyKey' | 'root' | 'roots'>
}

/** Its result; `failed` is the result that a failure carries. */
export type IsolatedToolResult =
  | { readonly result: Json }
  | { readonly problem: Problem; readonly failed: Json | undefined }

/** A message of a call besides its result: a delta, an error that came after its end, or about a part of it. */
export type IsolatedToolMessage = { readonly delta: Json } | { readonly late: string } | PartFromProcess

// this process has no stderr of its own
Object.defineProperty(process, 'stderr', { configurable: true, enumerable: true, get: () => process.stdout })
syncBuiltinESMExports()
watchStrayErrors({ say: (text) => console.error(text), other: () => process.exit(1) })

/** The signal of a call, its output, and its input. */
type RunningCall = {
  readonly signal: AbortSignal
  emit(message: IsolatedToolMessage): void
  hear(listener: (message: PartToProcess) => void): void
}

/** Makes a call. Never throws. */
export async function callTool(
  { file, tool, part, input, context }: IsolatedToolCall,
  running: RunningCall,
): Promise<IsolatedToolResult> {
  const { signal } = running
  let effect: EffectClass | undefined
  try {
    const found = guardTool(await find(file, tool))
    effect = effectClassOf(found, input)
    const emit = (delta: Json) => running.emit({ delta })
    const tellLate = (late: string) => running.emit({ late })
    const result = await (found[part] as Tool['execute'])(input, {
      ...context,
      signal,
      emit,
      tellLate,
      once: onceIn(tool, running, effect),
    })
    return { result: (result ?? null) as Json }
  } catch (error) {
    return { problem: problemOfEnd(tool, error, signal, effect), failed: resultOfFailure(error) }
  }
}

async function find(file: string, name: string): Promise<Tool> {
  const tools = [await importPlugin(file, 'the plugin')].flat() as readonly Tool[]
  const tool = tools.find((one) => one.name === name)
  if (!tool) throw new TypeError(`the plugin has no tool ${name} any more`)
  return tool
}
