import { z } from 'zod'
import { type LaterTool, laterTool } from '../../unavailable.ts'
import { MEDIA } from './media.ts'
import { NETWORK } from './network.ts'
import type { Later } from './operations.ts'
import { PAGES } from './pages.ts'

/** Tools that come later: known by name and parameters, each with what this version lacks to run it. */
export const laterTools: readonly LaterTool[] = Object.entries({ ...NETWORK, ...PAGES, ...MEDIA }).flatMap(
  ([tool, later]) => toolsOf(tool, later),
)

function toolsOf(tool: string, { missing, operations }: Later): readonly LaterTool[] {
  return Object.entries(operations).map(([operation, [description, needs, may = {}]]) =>
    laterTool(`${tool}:${operation}`, description, missing, z.object({ ...needs, ...may })),
  )
}
