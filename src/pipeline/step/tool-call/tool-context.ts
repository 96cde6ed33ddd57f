import { ownerOf } from '../../../lib/owner.ts'
import type { ToolContext } from '../../../tool/tool.ts'
import type { RunContext } from '../../plan/messages/step-start.ts'
import type { PipelineServices } from '../context.ts'

/** The context of a tool, with the shared services, and with the environments of the owner of its run. */
export function toolContextWith(
  { root, toolServices, environments }: Pick<PipelineServices, 'root' | 'toolServices' | 'environments'>,
  call: Omit<ToolContext, 'root' | 'services' | 'environments'>,
  run?: Pick<RunContext, 'id' | 'owner'>,
): ToolContext {
  return {
    ...{ ...call, root },
    ...(toolServices && { services: toolServices }),
    ...(run && environments && { environments: environments(ownerOf(run), `run/${run.id}`) }),
  }
}
