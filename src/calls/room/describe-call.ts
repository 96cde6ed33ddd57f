import type { ReadParts } from '../../kernel/parts.ts'
import { findRunStart } from '../../run/run.ts'
import { endsItsCalls } from '../../tool/schema.ts'
import { findCalledTool, type Toolbox } from '../../tool/toolbox.ts'
import { type PlannedStart, policyOf } from '../plan.ts'

/** Describes calls at work: their most attempts, and whether nothing ends them. Undefined for a step of another run. */
export const callDescriber =
  (readParts: ReadParts, toolbox: Pick<Toolbox, 'find'>) => async (run: string, step: string) => {
    const start = (await findRunStart(run, readParts)) as Partial<PlannedStart> | undefined
    const call = start?.plan?.calls.find(({ id }) => id === step)
    if (!call) return undefined
    const { id, tool, asks } = call
    const { attempts, timeout } = policyOf(call)
    const isUnbounded = !asks && timeout === undefined && !endsItsCalls(findCalledTool(toolbox, tool))
    return { id, attempts, does: asks ? `the question of ${tool}` : `the tool ${tool}`, isUnbounded }
  }
