import { basename, resolve } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { mediaTypeOfName } from '../../lib/media/media-type.ts'
import { codeByContent } from '../../source/code/by-content.ts'
import { findSource } from '../../source/folder/find-source.ts'
import { isReadableName } from '../../source/source.ts'
import type { Blobs } from '../../store/blobs/blobs.ts'
import type { SourceRef } from '../protocol/phase-types.ts'
import type { AskRequest } from './port.ts'

/** A source without its id. */
export type AskedSource = Omit<SourceRef, 'id' | 'kind'> & { readonly kind: 'file' | 'folder' }

/** Rejects files if no name looks like text: nothing of them could be read. */
export function checkTexts(paths: readonly string[]): void {
  if (paths.length === 0 || paths.some(isReadableName)) return
  const name = basename(paths[0]!)
  throw new InvalidError(`${name} is ${mediaTypeOfName(name)}, but an ask reads only text.`, {
    code: 'not_supported',
    hint: `Show it to an agent: antiphon chat AGENT --file ${name}. Or pass it to a step of a pipeline: { action: generate_text, parameters: { prompt: …, files: ${name} } }.`,
  })
}

/** The sources of an ask: files and folders of this machine, and texts and files that are stored with the ask. */
export async function sourcesOf(
  { files = [], texts = [] }: Pick<AskRequest, 'files' | 'texts'>,
  values: Pick<Blobs, 'put'>,
): Promise<readonly SourceRef[]> {
  const named = files.map((path) => findSource(resolve(path)))
  const stored = texts.map(async ({ name, text, base64 }) => {
    const blob = await values.put(base64 === undefined ? (text ?? '') : { base64 })
    return {
      kind: 'file',
      ref: name,
      blob,
      ...(codeByContent(name, text ?? '') && { modality: 'code' as const }),
    } as const
  })
  const all: readonly AskedSource[] = await Promise.all([...named, ...stored])
  return all.map((source, index) => ({ id: `f${index + 1}`, ...source }))
}
