import type { EffectClass } from '../kernel/types.ts'
import type { Tool } from './tool.ts'

/** A tool whose effect class depends on what it is asked; `effect` is the one without a word on it. */
export type VaryingTool = Tool & { effectOf(input: unknown): EffectClass }

/** The effect class of one call: what the tool says of this input, else of all. */
export function effectOf(tool: Tool, input: unknown): EffectClass {
  return varies(tool) ? tool.effectOf(input) : tool.effect
}

function varies(tool: Tool): tool is VaryingTool {
  return 'effectOf' in tool && typeof tool.effectOf === 'function'
}
