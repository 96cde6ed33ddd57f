import { classifyError } from './classify-error.ts'
import { causeOf, errorWordsOf, type ProviderError } from './error-words.ts'
import { saysNoPictures } from './failure.ts'

/** Models without a description whose servers refused a picture, as far as this process knows. */
export interface PictureRefusals {
  has(id: string): boolean
  /** Notes a refusal. False: it was known, or the model is described, and its description counts. */
  learn(id: string): boolean
}

export function createPictureRefusals(
  isDescribed: (id: string) => boolean,
  notice: (line: string) => void,
): PictureRefusals {
  const models = new Set<string>()
  return {
    has: (id) => models.has(id),
    learn(id) {
      if (models.has(id) || isDescribed(id)) return false
      models.add(id)
      notice(
        `model ${id}: its server refused a picture, so it gets one line for each picture from now on; \`{ id: ${id}, modalities: [text] }\` under \`models:\` spares the refused request.`,
      )
      return true
    },
  }
}

/** Whether a provider refused a request because its model takes no pictures. */
export function isPictureRefused(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const errors: readonly ProviderError[] = [error, causeOf(error) ?? error]
  return errors.some((one) => saysNoPictures(classifyError(one), errorWordsOf(one).text))
}
