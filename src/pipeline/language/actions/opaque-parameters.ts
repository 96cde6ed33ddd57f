import type { Json } from '../../../kernel/schema.ts'
import { isCallbackTool } from '../../../step/messages/callback.ts'
import type { StepParameters } from '../../../step/record/outcome.ts'
import type { Tool } from '../../../tool/tool.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'

/** The parameters of a tool that are rendered, and those that contain a text of their own, which is not rendered. */
export function splitOpaque(
  tool: Tool | undefined,
  parameters: StepParameters,
): { readonly rendered: StepParameters; readonly opaque: StepParameters } {
  const names = tool && isCallbackTool(tool) ? (tool.opaque ?? []) : []
  const isOpaque = ([name, value]: readonly [string, Json]) => names.includes(name) && isOwnText(value)
  const entries = Object.entries(parameters)
  return {
    rendered: Object.fromEntries(entries.filter((entry) => !isOpaque(entry))),
    opaque: Object.fromEntries(entries.filter(isOpaque)),
  }
}

/** A step with only its rendered parameters. */
export function withoutOpaque(spec: StepSpec, toolbox: Toolbox): StepSpec {
  const tool = spec.tool === undefined ? undefined : toolbox.find(spec.tool)
  return { ...spec, parameters: splitOpaque(tool, spec.parameters).rendered }
}

/** A map, or a text of several lines. One line is a path or an id, and a template. */
function isOwnText(value: Json): boolean {
  return typeof value === 'string' ? value.trim().includes('\n') : typeof value === 'object' && value !== null
}
