import { ownerOf } from '../../../lib/owner.ts'
import type { ToolContext } from '../../../tool/tool.ts'
import type { RunContext } from '../../plan/messages/step-start.ts'
import type { PipelineServices } from '../context.ts'

/** The context of a tool, with the shared services, and with the ports of rooms for the owner of its run. */
export function toolContextWith(
  { root, toolServices, rooms: roomsOf }: Pick<PipelineServices, 'root' | 'toolServices' | 'rooms'>,
  call: Omit<ToolContext, 'root' | 'services' | 'environments' | 'rooms'>,
  run?: Pick<RunContext, 'id' | 'owner'>,
): ToolContext {
  const rooms = run && roomsOf?.(ownerOf(run), `run/${run.id}`)
  return {
    ...{ ...call, root },
    ...(toolServices && { services: toolServices }),
    ...(rooms && { rooms }),
    ...(rooms?.environments && { environments: rooms.environments }),
  }
}
