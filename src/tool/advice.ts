import type { Json } from '../kernel/json.ts'
import type { Tool } from './tool.ts'

/** A problem with a parameter, as far as the author's text shows it. */
export type ToolAdvice = {
  readonly parameter: string
  readonly message: string
  readonly hint: string
  /** the code of the error that it is; without one it is a warning */
  readonly refused?: 'not_supported' | 'shell_template'
  /** the code of a warning of its own; without one it says that the step would fail */
  readonly warning?: 'template_in_code' | 'unknown_key'
  /** the code of a note: the step would not fail */
  readonly note?: 'stops_at_failure'
}

/** Parameters as written, before templates are rendered. */
export type WrittenParameters = { readonly [name: string]: Json }

/** A tool that finds faults of a call before it is made. */
export type AdvisingTool = Tool & { adviceOn(parameters: WrittenParameters): readonly ToolAdvice[] }

/** A tool of which the compiler writes down what a call means, so that runs keep the meaning that they began with. */
type CompletingTool = Tool & { complete(parameters: WrittenParameters): WrittenParameters }

/** The parameters of a call in a compiled pipeline. */
export function completed(tool: Tool, parameters: WrittenParameters): WrittenParameters {
  const isCompleting = 'complete' in tool && typeof tool.complete === 'function'
  return isCompleting ? (tool as CompletingTool).complete(parameters) : parameters
}

/** The advice of a tool on a call that is not rendered yet. */
export function adviceOn(tool: Tool, parameters: WrittenParameters): readonly ToolAdvice[] {
  return advises(tool) ? tool.adviceOn(parameters) : []
}

const advises = (tool: Tool): tool is AdvisingTool => 'adviceOn' in tool && typeof tool.adviceOn === 'function'
