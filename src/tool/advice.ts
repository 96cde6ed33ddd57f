import type { Json } from '../kernel/schema.ts'
import type { Tool } from './tool.ts'

/** What will go wrong with a parameter, as far as it can be told from what the author wrote. */
export type Advice = {
  readonly parameter: string
  readonly message: string
  readonly hint: string
  /** the code of the error that it is; without one it is a warning */
  readonly refused?: 'not_supported' | 'shell_template'
}

/** Parameters as they were written, their templates not rendered. */
export type Written = { readonly [name: string]: Json }

/** A tool that sees faults of a call before it is made. */
export type AdvisingTool = Tool & { adviceOn(parameters: Written): readonly Advice[] }

/** What a tool has to say of a call that has not been rendered yet. */
export function adviceOn(tool: Tool, parameters: Written): readonly Advice[] {
  return advises(tool) ? tool.adviceOn(parameters) : []
}

function advises(tool: Tool): tool is AdvisingTool {
  return 'adviceOn' in tool && typeof tool.adviceOn === 'function'
}
