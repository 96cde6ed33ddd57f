import { lstat, mkdir, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../../kernel/json.ts'
import { refuseClosedBelow, resolveEntryInRoots, resolveInRoots } from '../../roots.ts'
import { defineTool } from '../../tool.ts'
import { removeEmptyFolders, syncFolder } from './atomic-write.ts'
import { pathInput, pathsAt, throwIfCancelled, withPathErrors } from './path.ts'
import { findEntry } from './read.ts'
import { type FileSnapshot, restoreSnapshot, takeSnapshot } from './snapshot.ts'

/** `filesystem:mkdir`: creates a folder and its parents. */
export const mkdirTool = defineTool({
  name: 'filesystem:mkdir',
  description: 'Creates a folder and its parents',
  input: z.object({ path: pathInput }),
  output: z.object({ action: z.literal('mkdir'), path: z.string() }),
  paths: ['path'],
  changes: pathsAt(['path']),
  effect: 'idempotent',
  execute: ({ path }, context) =>
    withPathErrors(path, async () => {
      const real = await resolveInRoots(path, context)
      await mkdir(real, { recursive: true })
      await syncFolder(dirname(real))
      return { action: 'mkdir' as const, path }
    }),
  prepare: ({ path }, context) => withPathErrors(path, async () => takeSnapshot(await resolveInRoots(path, context))),
  undo: ({ input: { path }, memo }, context) =>
    withPathErrors(path, async () => {
      const real = await resolveInRoots(path, context)
      const before = memo as FileSnapshot
      if (before.was !== 'nothing') return
      if (await findEntry(real)) await removeFolder(real)
      await removeEmptyFolders(real, before.folders)
    }),
})

const deleted = z
  .object({
    path: pathInput.optional(),
    paths: z.array(pathInput).min(1).max(1000).optional(),
    recursive: z.boolean().default(false),
  })
  .refine(({ path, paths }) => (path === undefined) !== (paths === undefined), 'expected either path or paths')

/** `filesystem:delete`: deletes files, links and folders, full ones if `recursive`. All `paths` must exist. */
export const deleteTool = defineTool({
  name: 'filesystem:delete',
  description: 'Deletes files and folders',
  input: deleted,
  output: z.object({
    action: z.literal('delete'),
    path: z.string().exactOptional(),
    paths: z.array(z.string()).exactOptional(),
    count: z.int().exactOptional(),
  }),
  paths: ['path', 'paths'],
  changes: pathsAt(['path', 'paths']),
  effect: 'at-most-once',
  async execute({ path, paths, recursive }, context) {
    const entries = await Array.fromAsync(paths ?? [path!], (one) =>
      withPathErrors(one, async () => inspect(one, await resolveEntryInRoots(one, context))),
    )
    for (const { path: one, real, isFolder } of entries)
      if (isFolder && recursive) await withPathErrors(one, () => refuseClosedBelow(one, real, context))
    for (const entry of entries) {
      throwIfCancelled(context.signal)
      await withPathErrors(entry.path, () => remove(entry, recursive))
    }
    return { action: 'delete' as const, ...(path === undefined ? { paths: paths!, count: entries.length } : { path }) }
  },
  prepare: async ({ path, paths }, context) => {
    return Array.fromAsync(
      paths ?? [path!],
      async (one) =>
        (await withPathErrors(one, async () => takeSnapshot(await resolveEntryInRoots(one, context)))) as Json,
    )
  },
  async undo({ input: { path, paths }, memo }, context) {
    for (const [index, one] of (paths ?? [path!]).entries())
      await withPathErrors(one, async () =>
        restoreSnapshot(one, await resolveEntryInRoots(one, context), (memo as readonly Json[])[index]!, undefined),
      )
  },
})

type Entry = { readonly path: string; readonly real: string; readonly isFolder: boolean }

async function inspect(path: string, real: string): Promise<Entry> {
  return { path, real, isFolder: (await lstat(real)).isDirectory() }
}

async function remove({ real, isFolder }: Entry, recursive: boolean): Promise<void> {
  if (isFolder && !recursive) return removeFolder(real)
  await rm(real, { recursive })
  await syncFolder(dirname(real))
}

async function removeFolder(real: string): Promise<void> {
  await rmdir(real)
  await syncFolder(dirname(real))
}
