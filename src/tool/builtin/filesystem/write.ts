import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../../kernel/json.ts'
import { encodingOf } from '../../../lib/encoding/encoding.ts'
import { refuseOtherNames, resolveInRoots } from '../../roots.ts'
import { type CompletedCall, type DynamicEffectTool, defineTool, type Tool, type ToolContext } from '../../tool.ts'
import { makeParent, replaceFile, syncFolder, useFile, writeDraft } from './atomic-write.ts'
import { encodeContent, encodingIn, encodingInput, encodingToAppend } from './file-text.ts'
import { missingFile } from './missing-file.ts'
import { checkFilePath, checkFileSize, filePathInput, pathsAt, throwIfCancelled, withPathErrors } from './path.ts'
import { checkPlainFile, findEntry } from './read.ts'
import { digestOfBytes, type FileSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts'

const content = z.union([z.string(), z.number(), z.boolean(), z.array(z.json()), z.record(z.string(), z.json())], {
  error: 'expected text, a number, true or false, a list or a map',
})
const MODES = { write: overwrite, w: overwrite, append, a: append, create, x: create }
const input = z.object({
  path: filePathInput,
  content,
  mode: z.enum(Object.keys(MODES) as (keyof typeof MODES)[]).default('write'),
  encoding: encodingInput,
  create_directories: z.boolean().default(true),
})
type Write = z.infer<typeof input>
const output = z.object({ action: z.enum(['write', 'append']), path: z.string(), size: z.int() })
type WriteResult = z.infer<typeof output>

const lookAt = (path: string, context: ToolContext): Promise<Json> =>
  withPathErrors(path, async () => (await takeSnapshot(await resolveInRoots(path, context))) as Json)

/** Restores the file unless it was changed since. */
function undoWrite({ input, memo }: CompletedCall<Write>, context: ToolContext): Promise<void> {
  const { path, mode } = input
  return withPathErrors(path, async () => {
    const before = memo as FileSnapshot
    const former =
      MODES[mode] === append && before.was === 'file' ? Buffer.from(before.content, 'base64') : Buffer.alloc(0)
    const added = encode(input, input.encoding ?? encodingIn(former), former.length === 0)
    const made = digestOfBytes(Buffer.concat([former, added]))
    await restoreSnapshot(path, await resolveInRoots(path, context), memo, made)
  })
}

const undoable = {
  prepare: ({ path }: Write, context: ToolContext) => lookAt(path, context),
  undo: undoWrite,
}

/** `filesystem:write`: replaces a file's content. `append` and `create`, which fails for a file, are at-most-once. */
export const writeTool: Tool<Write> & DynamicEffectTool = {
  ...defineTool({
    name: 'filesystem:write',
    description: 'Writes a whole file; mode `append` adds to it, mode `create` fails if it exists',
    input,
    output,
    paths: ['path'],
    changes: pathsAt(['path']),
    effect: 'idempotent',
    execute: (write: Write, context) => writeText('write', write, context),
    ...undoable,
  }),
  effectOf(asked) {
    const { mode = 'write' } = (asked ?? {}) as Partial<Write>
    return MODES[mode] === overwrite ? 'idempotent' : 'at-most-once'
  },
}

/** `filesystem:append`: appends to a file, and creates it if missing. */
export const appendTool = defineTool({
  name: 'filesystem:append',
  description: 'Adds text to the end of a file',
  input: input.omit({ mode: true }),
  output,
  paths: ['path'],
  changes: pathsAt(['path']),
  effect: 'at-most-once',
  execute: (write, context) => writeText('append', { ...write, mode: 'append' }, context),
  prepare: ({ path }, context) => lookAt(path, context),
  undo: (done, context) => undoWrite({ ...done, input: { ...done.input, mode: 'append' } }, context),
})

function writeText(action: WriteResult['action'], write: Write, context: ToolContext): Promise<WriteResult> {
  const { path } = write
  return withPathErrors(path, async () => {
    checkFilePath(path)
    const bytes = encode(write, write.encoding ?? 'utf-8', true)
    checkFileSize(bytes.length, path)
    const real = await resolveInRoots(path, context)
    if (MODES[write.mode] === append) await refuseOtherNames(path, real, context)
    await prepareParent(real, write)
    throwIfCancelled(context.signal)
    const size = await MODES[write.mode]({ path, real, bytes, key: context.idempotencyKey, write })
    return { action, path, size }
  })
}

/** A file in UTF-16 begins with a byte order mark. */
function encode({ path, content }: Write, encoding: string, isBeginning: boolean): Buffer {
  return encodeContent(textOf(content), encoding, path, isBeginning && isUtf16(encoding))
}

const isUtf16 = (encoding: string) => encodingOf(encoding)?.startsWith('utf-16') ?? false

const textOf = (content: Write['content']) => (typeof content === 'object' ? JSON.stringify(content) : String(content))

async function prepareParent(real: string, { path, create_directories }: Write): Promise<void> {
  if (create_directories) await makeParent(real)
  else if (!(await findEntry(dirname(real)))) throw missingFile(dirname(path))
}

type Target = {
  readonly path: string
  readonly real: string
  readonly bytes: Buffer
  readonly key: string
  readonly write: Write
}

async function overwrite({ path, real, bytes, key }: Target): Promise<number> {
  const found = await findEntry(real)
  if (found) checkPlainFile(found, path)
  await replaceFile(real, key, (draft) => writeDraft(draft, bytes, found?.mode))
  return bytes.length
}

/** Text without a named encoding continues the file in its own. */
function append({ path, real, write }: Target): Promise<number> {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  return useFile(real, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, async (handle) => {
    const found = await handle.stat()
    checkPlainFile(found, path)
    const encoding = write.encoding ?? (await encodingToAppend(handle, textOf(write.content)))
    await handle.writeFile(encode(write, encoding, found.size === 0))
    await handle.sync()
    return (await handle.stat()).size
  })
}

async function create({ real, bytes }: Target): Promise<number> {
  await useFile(real, 'wx', async (handle) => {
    await handle.writeFile(bytes)
    await handle.sync()
  })
  await syncFolder(dirname(real))
  return bytes.length
}
