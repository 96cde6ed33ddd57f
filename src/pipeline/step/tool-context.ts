import type { ToolContext } from '../../tool/tool.ts'
import type { PipelineServices } from './context.ts'

/** The context of a tool, with the shared services. */
export function toolContextWith(
  { root, toolServices }: Pick<PipelineServices, 'root' | 'toolServices'>,
  call: Omit<ToolContext, 'root' | 'services'>,
): ToolContext {
  return { ...call, root, ...(toolServices && { services: toolServices }) }
}
