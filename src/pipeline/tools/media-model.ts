import type { Json } from '../../kernel/schema.ts'
import type { StepContext } from '../../step/call/context.ts'
import type { SkilledModel } from '../../step/model-call/media-call.ts'
import { namedModels } from '../step/model-call/model-request.ts'

/** The named model, or one that is configured with that capability. */
export function modelFor(
  { services, models }: StepContext,
  capability: 'transcription' | 'speech' | 'image-generation',
  model: Json = null,
): SkilledModel {
  const [named] = namedModels({ model })
  if (named !== undefined) return { id: named, why: 'named by the step' }
  return services.models.choose(models.needs ?? { capabilities: [capability] })
}
