import { z } from 'zod'
import { createUnavailableTool, type UnavailableTool } from '../../unavailable.ts'
import { MEDIA_TOOLS } from './media.ts'
import { NETWORK_TOOLS } from './network.ts'
import type { UnavailableOperations } from './operations.ts'

/** Tools that this version knows by name and parameters but cannot run. */
export const unavailableTools: readonly UnavailableTool[] = Object.entries({
  ...NETWORK_TOOLS,
  ...MEDIA_TOOLS,
}).flatMap(([tool, later]) => toolsOf(tool, later))

function toolsOf(tool: string, { missing, operations }: UnavailableOperations): readonly UnavailableTool[] {
  return Object.entries(operations).map(([operation, [description, needs, may = {}]]) =>
    createUnavailableTool(`${tool}:${operation}`, description, missing, z.object({ ...needs, ...may })),
  )
}
