import { z } from 'zod'
import { type LaterTool, laterTool } from '../later.ts'
import { MEDIA } from './later/media.ts'
import { NETWORK } from './later/network.ts'
import type { Later } from './later/operations.ts'
import { PAGES } from './later/pages.ts'

/** Tools that come later: known by name and parameters, each with what this version lacks to run it. */
export const laterTools: readonly LaterTool[] = Object.entries({ ...NETWORK, ...PAGES, ...MEDIA }).flatMap(
  ([tool, later]) => toolsOf(tool, later),
)

function toolsOf(tool: string, { missing, operations }: Later): readonly LaterTool[] {
  return Object.entries(operations).map(([operation, [description, needs, may = {}]]) =>
    laterTool(`${tool}:${operation}`, description, missing, z.object({ ...needs, ...may })),
  )
}
