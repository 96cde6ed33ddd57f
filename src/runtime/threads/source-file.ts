import { basename } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { mediaTypeOfName } from '../../model/request/media-types.ts'
import { isReadableName } from '../../source/source.ts'

/** Rejects files if no name looks like text: nothing of them could be read. */
export function checkTexts(paths: readonly string[]): void {
  if (paths.length === 0 || paths.some(isReadableName)) return
  throw new InvalidError(`${basename(paths[0]!)} is ${mediaTypeOfName(paths[0]!)}, but an ask needs text.`, {
    code: 'not_supported',
    hint: `Pass it to a step of a pipeline: { action: generate_text, parameters: { prompt: …, files: ${basename(paths[0]!)} } }.`,
  })
}
