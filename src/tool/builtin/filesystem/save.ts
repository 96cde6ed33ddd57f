import { resolveInRoots } from '../../roots.ts'
import type { ToolContext } from '../../tool.ts'
import { makeParent, replaceFile, writeDraft } from './atomic-write.ts'
import { checkFilePath, throwIfCancelled, withPathErrors } from './path.ts'
import { checkPlainFile, findEntry } from './read.ts'

/** Writes bytes to a file below the roots at once and durably, with the folders above it: for tools that make files. */
export function saveBytes(path: string, bytes: Uint8Array, context: ToolContext): Promise<void> {
  return withPathErrors(path, async () => {
    checkFilePath(path)
    const real = await resolveInRoots(path, context)
    await makeParent(real)
    const found = await findEntry(real)
    if (found) checkPlainFile(found, path)
    throwIfCancelled(context.signal)
    await replaceFile(real, context.idempotencyKey, (draft) => writeDraft(draft, bytes, found?.mode))
  })
}
