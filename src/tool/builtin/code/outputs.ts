import { join, relative } from 'node:path'
import { InvalidError, TerminalError } from '../../../errors.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import type { ToolContext } from '../../tool.ts'
import { MAX_FILE_BYTES } from '../filesystem/path.ts'
import { saveBytes } from '../filesystem/save.ts'

const MAX_OUTPUT_FILES = 1000

/**
 * Copies the regular files that the code left in its folder `out` to a folder below the roots, and returns their new paths. `disk` limits their
 * total size: holes and links to the same file take no space in a sandbox, but become whole files here.
 */
export async function saveOutputs(
  sandbox: Sandbox,
  { folder, disk }: { readonly folder: string | undefined; readonly disk: number },
  context: ToolContext,
): Promise<readonly string[]> {
  const files = (await sandbox.list('out')).filter(({ path }) => path !== 'out/.keep')
  if (files.length === 0) return []
  if (folder === undefined)
    throw new InvalidError(`the code wrote ${files.length} files, and the step does not say where to put them`, {
      hint: 'set `output_dir` to a folder',
    })
  if (files.length > MAX_OUTPUT_FILES)
    throw new TerminalError(`the code wrote ${files.length} files; ${MAX_OUTPUT_FILES} can come back`, {
      code: 'too_large',
    })
  const total = files.reduce((sum, { size }) => sum + size, 0)
  if (total > disk)
    throw new TerminalError(`expected at most ${disk} bytes in \`out\`, got ${total}`, { code: 'too_large' })
  const saved: string[] = []
  for (const { path, size } of files) {
    if (size > MAX_FILE_BYTES)
      throw new TerminalError(`${path} has ${size} bytes; ${MAX_FILE_BYTES} can come back`, { code: 'too_large' })
    const target = join(folder, relative('out', path))
    await saveBytes(target, await sandbox.read(path), context)
    saved.push(target)
  }
  return saved
}
