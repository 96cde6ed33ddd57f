import { fileKindsIn, isReference } from '../request/files.ts'
import type { ModelRequest } from '../request/request.ts'

/** Models without a description whose servers refused a picture, as far as this process knows. */
export interface PictureRefusals {
  has(id: string): boolean
  /** Whether a refusal says that a model takes no pictures: it has no description that says otherwise. */
  counts(id: string): boolean
  learn(id: string): void
}

export function createPictureRefusals(
  isDescribed: (id: string) => boolean,
  notice: (line: string) => void,
): PictureRefusals {
  const models = new Set<string>()
  return {
    has: (id) => models.has(id),
    counts: (id) => !isDescribed(id),
    learn(id) {
      if (models.has(id)) return
      models.add(id)
      notice(
        `model ${id}: its server refused a picture, so it gets one line for each picture from now on; \`{ id: ${id}, modalities: [text] }\` under \`models:\` spares the refused request.`,
      )
    },
  }
}

/** Whether a request has pictures, and a line may stand for each of them. */
export function mayShowLines(request: ModelRequest): boolean {
  const { files = [], onUnreadable } = request
  const isFree = files.length === 0 || (onUnreadable === 'reduce' && files.every(isReference))
  return isFree && fileKindsIn(request).includes('image')
}
