import type { Json } from '../../kernel/schema.ts'
import type { StepContext } from '../../step/call/context.ts'
import { toolContextOf } from '../../step/call/tool-context.ts'
import type { SkilledModel } from '../../step/model-call/media-call.ts'
import { writeTool } from '../../tool/builtin/filesystem/write.ts'
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

/** Writes what a model has made, in base64, and tells how many bytes that are. */
export async function writeMedia(path: string, content: string, context: StepContext): Promise<number> {
  const file = { path, content, mode: 'write', encoding: 'base64', create_directories: true } as const
  const { size } = (await writeTool.execute(file, toolContextOf(context))) as { readonly size: number }
  return size
}
