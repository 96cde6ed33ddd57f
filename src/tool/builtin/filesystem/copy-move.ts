import { constants } from 'node:fs'
import { copyFile, cp, lstat, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { refuseClosedBelow, resolveEntryInRoots, resolveInRoots, resolveToRead } from '../../roots.ts'
import { defineTool, type ToolContext } from '../../tool.ts'
import { makeParent, replaceFile, syncFolder } from './atomic-write.ts'
import { pathInput, pathsAt, throwIfCancelled, withPathErrors } from './path.ts'
import { checkPlainFile, findEntry } from './read.ts'
import { digestOfFile, type FileSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts'

const input = z.object({ path: pathInput, destination: pathInput })
const moved = <Action extends string>(action: Action) =>
  z.object({ action: z.literal(action), source: z.string(), destination: z.string() })
type Transfer = z.infer<typeof input>

/** `filesystem:copy`: copies a file to a path or into a folder, or merges folders. Links inside stay links. */
export const copyTool = defineTool({
  name: 'filesystem:copy',
  description: 'Copies a file or a folder',
  input,
  output: moved('copy'),
  paths: ['path', 'destination'],
  changes: pathsAt(['destination']),
  effect: 'idempotent',
  execute: ({ path, destination }, context) =>
    withPathErrors(path, async () => {
      const source = await resolveToRead(path, context)
      const isFolder = (await lstat(source)).isDirectory()
      // a folder is merged into its destination, so that a repeated copy has the same result
      const target = isFolder ? destination : await intoFolder({ path, destination }, context)
      await withPathErrors(target, async () => {
        const real = await resolveInRoots(target, context)
        if (isFolder) await refuseClosedBelow(path, source, context, real)
        await makeParent(real)
        await (isFolder ? copyFolder(source, real, context) : copyOne(path, source, real, context))
      })
      return { action: 'copy' as const, source: path, destination: target }
    }),
  prepare: lookAtTarget,
  undo: ({ input: { path }, output: { destination }, memo }, context) =>
    withPathErrors(path, async () => {
      const source = await resolveToRead(path, context)
      if ((await findEntry(source))?.isDirectory())
        throw new TerminalError(`${path} is a folder, so its copy is not removed.`)
      await restoreSnapshot(destination, await resolveInRoots(destination, context), memo, await digestOfFile(source))
    }),
})

/** `filesystem:move`: moves a file or folder to a path or into a folder. Replaces an existing file. */
export const moveTool = defineTool({
  name: 'filesystem:move',
  description: 'Moves or renames a file or a folder',
  input,
  output: moved('move'),
  paths: ['path', 'destination'],
  changes: pathsAt(['path', 'destination']),
  effect: 'at-most-once',
  execute: ({ path, destination }, context) =>
    withPathErrors(path, async () => {
      const source = await resolveEntryInRoots(path, context)
      const isFolder = (await lstat(source)).isDirectory()
      const target = await intoFolder({ path, destination }, context)
      await withPathErrors(target, async () => {
        const real = await resolveEntryInRoots(target, context)
        if (isFolder) refuseWithin(source, real, 'moved')
        if (isFolder) await refuseClosedBelow(path, source, context, real)
        await moveEntry(source, real)
      })
      return { action: 'move' as const, source: path, destination: target }
    }),
  prepare: lookAtTarget,
  undo: ({ input: { path }, output: { destination }, memo }, context) =>
    withPathErrors(path, async () => {
      const source = await resolveEntryInRoots(path, context)
      const target = await resolveEntryInRoots(destination, context)
      const before = memo as FileSnapshot
      if (before.was === 'other') throw new TerminalError(`${destination} cannot be brought back: ${before.why}`)
      if (!(await findEntry(source))) await moveEntry(target, source)
      else if (before.was === 'nothing' && (await findEntry(target))) throw new TerminalError(`${path} exists again.`)
      await restoreSnapshot(destination, target, memo, undefined)
    }),
})

async function lookAtTarget(transfer: Transfer, context: ToolContext): Promise<Json> {
  const target = await intoFolder(transfer, context)
  return withPathErrors(target, async () => (await takeSnapshot(await resolveInRoots(target, context))) as Json)
}

/** The target path: inside the destination if that is a folder. */
async function intoFolder({ path, destination }: Transfer, context: ToolContext): Promise<string> {
  const found = await findEntry(await resolveInRoots(destination, context))
  return found?.isDirectory() || destination.endsWith('/') ? join(destination, basename(path)) : destination
}

async function copyOne(path: string, source: string, target: string, context: ToolContext): Promise<void> {
  checkPlainFile(await lstat(source), path)
  if (source === target) return
  throwIfCancelled(context.signal)
  await replaceFile(target, context.idempotencyKey, (draft) => copyFile(source, draft, constants.COPYFILE_FICLONE))
}

async function copyFolder(source: string, target: string, { signal }: ToolContext): Promise<void> {
  if (source === target) return
  refuseWithin(source, target, 'copied')
  const filter = () => {
    throwIfCancelled(signal)
    return true
  }
  await cp(source, target, { recursive: true, force: true, verbatimSymlinks: true, preserveTimestamps: true, filter })
}

function refuseWithin(source: string, target: string, done: 'copied' | 'moved'): void {
  if (!target.startsWith(`${source}/`)) return
  throw new TerminalError(`A folder cannot be ${done} into itself.`, { code: 'tool_failed' })
}

async function moveEntry(source: string, target: string): Promise<void> {
  if (source === target) return
  await makeParent(target)
  try {
    await rename(source, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await moveAcrossDisks(source, target)
  }
  await syncFolder(dirname(target))
  await syncFolder(dirname(source))
}

async function moveAcrossDisks(source: string, target: string): Promise<void> {
  await cp(source, target, { recursive: true, force: true, verbatimSymlinks: true, preserveTimestamps: true })
  await rm(source, { recursive: true })
}
