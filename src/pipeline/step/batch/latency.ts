import { type CompiledPipeline, compiledStepAt, type StepWork } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import type { PipelineServices } from '../context.ts'

/** How long work of each kind took in this process lately. */
export type Paces = {
  note(work: StepWork, ms: number): void
  /** Whether it has been done here, and ended at once. */
  isQuick(work: StepWork): boolean
}

const QUICK = 20
/** One slow piece of work is forgotten after some dozen quick ones. */
const FADING = 0.9

/** What steps are done with, and how quick that has been. */
export type Hands = { readonly services: PipelineServices; readonly paces: Paces }

/** Remembers one number for each tool, operation and action. */
export function createPaces(): Paces {
  const paces = new Map<string, number>()
  return {
    note(work, ms) {
      const name = nameOf(work)
      paces.set(name, Math.max(ms, (paces.get(name) ?? 0) * FADING))
    },
    isQuick: (work) => (paces.get(nameOf(work)) ?? Number.POSITIVE_INFINITY) <= QUICK,
  }
}

function nameOf(work: StepWork): string {
  if (work.type !== 'tool') return `:${work.type === 'text' ? work.action : work.type}`
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
}

/** Whether a step will be over in a moment: its work is known to be quick here, and nothing else of its run is in flight that would be kept waiting. */
export async function isBrief({ services, paces }: Hands, start: StepStart): Promise<boolean> {
  if (!start.alone || start.asks) return false
  const pipeline = (await services.values.get(start.pipeline)) as unknown as CompiledPipeline
  const instance = parseInstance(pipeline, start.step)
  if (!instance) return false
  const { work, rescues } = compiledStepAt(pipeline, instance.node)
  return !rescues && paces.isQuick(work)
}
