import { chmod, stat } from 'node:fs/promises'
import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import { refuseOtherNames, resolveInRoots } from '../../roots.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { pathInput, pathsAt, withPathErrors } from './path.ts'

/** Permissions in octal, quoted or not. */
const mode = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^0?[0-7]{3}$/, 'expected three digits from 0 to 7, such as "644"'))

export const chmodTool = defineTool({
  name: 'filesystem:chmod',
  description: 'Sets who may read, change and execute a file or folder',
  input: z.object({ path: pathInput, mode }),
  output: z.object({ action: z.literal('chmod'), path: z.string(), mode: z.string() }),
  paths: ['path'],
  changes: pathsAt(['path']),
  effect: 'idempotent',
  execute: ({ path, mode }, context) =>
    withPathErrors(path, async () => {
      const real = await resolveInRoots(path, context)
      await refuseOtherNames(path, real, context)
      await chmod(real, Number.parseInt(mode, 8))
      return { action: 'chmod' as const, path, mode }
    }),
  prepare: ({ path }, context) => modeOf(path, context),
  async undo({ input: { path, mode }, memo }, context) {
    const now = await modeOf(path, context)
    if (now === memo) return
    if (now !== Number.parseInt(mode, 8)) throw new TerminalError(`${path} has changed since, so it stays as it is.`)
    await withPathErrors(path, async () => chmod(await resolveInRoots(path, context), Number(memo)))
  },
})

function modeOf(path: string, context: ToolContext): Promise<number> {
  return withPathErrors(path, async () => (await stat(await resolveInRoots(path, context))).mode & 0o777)
}
