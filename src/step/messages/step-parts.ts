import { runRef } from '../../house/actors.ts'
import { justBeforePrefix, type ReadParts, readSinglePart } from '../../kernel/parts.ts'
import { type StepPart, stepPartName } from '../record/outcome.ts'
import { decodeStep } from './codec.ts'

/** Reads how far a step of a run is; undefined when the run has not reached it. */
export async function readStepPart(readParts: ReadParts, run: string, step: string): Promise<StepPart | undefined> {
  return decodeStep(await readSinglePart(readParts, runRef(run), stepPartName(step)))
}

/** Reads how far the steps of a run are, in the order of their ids: all, or those whose ids begin with a text. */
export async function* readStepParts(
  readParts: ReadParts,
  run: string,
  { within = '', limit }: { readonly within?: string; readonly limit?: number } = {},
): AsyncGenerator<readonly [step: string, part: StepPart]> {
  const prefix = stepPartName(within)
  const page = { prefix, after: justBeforePrefix(prefix), ...(limit !== undefined && { limit }) }
  const before = stepPartName('').length
  for await (const [name, part] of readParts(runRef(run), page)) yield [name.slice(before), decodeStep(part)!]
}

/** All of `readStepParts` by step id. */
export async function collectStepParts(
  ...of: Parameters<typeof readStepParts>
): Promise<ReadonlyMap<string, StepPart>> {
  const steps = new Map<string, StepPart>()
  for await (const [step, part] of readStepParts(...of)) steps.set(step, part)
  return steps
}
