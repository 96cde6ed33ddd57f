import { z } from 'zod'
import type { FileRef } from '../../lib/media/file-ref.ts'
import type { ToolContext } from '../tool.ts'

/** A reference as a field of a result. */
export const fileRef = z.object({ file: z.string(), type: z.string(), name: z.string(), bytes: z.int() })

/** The field of a result with the file that a tool has made, so that a model sees it; without a run there is none. */
export async function attached(
  path: string,
  bytes: Uint8Array,
  { files }: Pick<ToolContext, 'files'>,
): Promise<{ readonly attachment?: FileRef }> {
  return files ? { attachment: await files.add(bytes, { name: path }) } : {}
}
