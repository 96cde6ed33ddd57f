import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import type { DecodedText } from '../../../lib/encoding/encoding.ts'
import { resolveInRoots } from '../../roots.ts'
import { type CompletedCall, defineTool, type ToolContext } from '../../tool.ts'
import { decodeFile, encodeContent, textEncodingInput } from './file-text.ts'
import { filePathInput, pathsAt, withPathErrors } from './path.ts'
import { readFileBytes } from './read.ts'
import { saveBytes } from './save.ts'
import { digestOfBytes, type FileSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts'

const input = z.strictObject({
  path: filePathInput,
  old_text: z.string().min(1).max(1_000_000),
  new_text: z.string().max(1_000_000),
  encoding: textEncodingInput,
})
type Edit = z.infer<typeof input>

/**
 * `filesystem:edit`: replaces a text that occurs in a file exactly once. It is refused, and the file is left as it is,
 * where the text is absent or occurs more often. The file keeps its encoding; a new text that it cannot represent is
 * refused.
 */
export const editTool = defineTool({
  name: 'filesystem:edit',
  description: 'Replaces an exact string that occurs once in a file',
  input,
  output: z.object({ action: z.literal('edit'), path: z.string(), line: z.int(), size: z.int() }),
  paths: ['path'],
  changes: pathsAt(['path']),
  effect: 'at-most-once',
  async execute(edit, context) {
    const read = decodeFile(await readFileBytes(edit.path, context), edit.encoding, edit.path, context)
    const { text } = read
    const at = positionIn(text, edit)
    const bytes = bytesOf(read, edit)
    await saveBytes(edit.path, bytes, context)
    return { action: 'edit' as const, path: edit.path, line: text.slice(0, at).split('\n').length, size: bytes.length }
  },
  prepare: ({ path }, context) =>
    withPathErrors(path, async () => (await takeSnapshot(await resolveInRoots(path, context))) as never),
  undo: undoEdit,
})

function positionIn(text: string, { path, old_text: old }: Edit): number {
  const at = text.indexOf(old)
  if (at < 0)
    throw new TerminalError(`old_text does not stand in ${path}.`, {
      code: 'no_match',
      hint: 'It must match exactly, with every space and line end.',
    })
  const count = text.split(old).length - 1
  if (text.includes(old, at + 1))
    throw new TerminalError(`old_text stands ${Math.max(2, count)} times in ${path}.`, {
      code: 'no_match',
      hint: 'Add the lines around it, so that it stands there once.',
    })
  return at
}

// not by `replace`, which reads `$` in the new text
const edited = (text: string, { old_text: old, new_text: now }: Edit) => text.split(old).join(now)

const bytesOf = ({ text, encoding, hasMark }: DecodedText, edit: Edit) =>
  encodeContent(edited(text, edit), encoding, edit.path, hasMark)

function undoEdit({ input, memo }: CompletedCall<Edit>, context: ToolContext): Promise<void> {
  return withPathErrors(input.path, async () => {
    const before = memo as FileSnapshot
    const content = before.was === 'file' ? Buffer.from(before.content, 'base64') : Buffer.alloc(0)
    const made = digestOfBytes(bytesOf(decodeFile(content, input.encoding, input.path, context), input))
    await restoreSnapshot(input.path, await resolveInRoots(input.path, context), memo, made)
  })
}
