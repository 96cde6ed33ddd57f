import { type CompiledPipeline, stepOf } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import type { Hands } from './latency.ts'

/** Whether a step will be over in a moment: its work is known to be quick here, and nothing else of its run is in flight that would be kept waiting. */
export async function isBrief({ services, paces }: Hands, start: StepStart): Promise<boolean> {
  if (!start.alone || start.asks) return false
  const pipeline = (await services.values.get(start.pipeline)) as unknown as CompiledPipeline
  const instance = parseInstance(pipeline, start.step)
  if (!instance) return false
  const { work, rescues } = stepOf(pipeline, instance.node)
  return !rescues && paces.isQuick(work)
}
