import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Json, parse } from '../../../../src/kernel/schema.ts'
import { copyTool, moveTool } from '../../../../src/tool/builtin/filesystem/copy-move.ts'
import { mkdirTool } from '../../../../src/tool/builtin/filesystem/mkdir-delete.ts'
import { appendTool, writeTool } from '../../../../src/tool/builtin/filesystem/write.ts'
import type { Tool } from '../../../../src/tool/tool.ts'
import { contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const at = (path: string) => join(place.root, path)
const see = async () => (await readdir(place.root, { recursive: true })).sort()

/** Calls a tool as a step does; what is handed back undoes that. */
async function done(tool: Tool, given: unknown): Promise<() => Promise<void>> {
  const context = contextAt(place.root)
  const input = await parse(tool.input, given)
  const memo = (await tool.prepare!(input, context)) as Json
  const output = await tool.execute(input, context)
  return async () => tool.undo!({ input, output, memo }, context)
}

const CHANGES: readonly (readonly [what: string, tool: Tool, input: unknown])[] = [
  ['a file that was written', writeTool, { path: 'a/b/c/new', content: 'new' }],
  ['a file that was added to', appendTool, { path: 'a/b/c/new', content: 'new' }],
  ['a file that was copied', copyTool, { path: 'old', destination: 'a/b/c/new' }],
  ['a file that was moved', moveTool, { path: 'old', destination: 'a/b/c/new' }],
  ['a folder that was moved', moveTool, { path: 'folder', destination: 'a/b/c/new' }],
  ['a folder that was made', mkdirTool, { path: 'a/b/c/new' }],
]

describe.each(CHANGES)('undone with %s', (_what, tool, input) => {
  it('are the folders that were made for it, however often, and no others', async () => {
    await Promise.all([mkdir(at('a')), mkdir(at('folder')), writeFile(at('old'), 'old')])
    const before = await see()
    const undo = await done(tool, input)
    expect(await see()).toContain('a/b/c/new')
    for (let time = 0; time < 2; time++) {
      await undo()
      expect(await see()).toEqual(before)
    }
  })

  it('are not those in which something else lies by then', async () => {
    await Promise.all([mkdir(at('folder')), writeFile(at('old'), 'old')])
    const undo = await done(tool, input)
    await writeFile(at('a/b/of-others'), '')
    await undo()
    expect(await readdir(at('a'), { recursive: true })).toEqual(['b', 'b/of-others'])
  })
})

it('goes on where it was interrupted among the folders', async () => {
  const undo = await done(writeTool, { path: 'a/b/c/new', content: 'new' })
  await rm(at('a/b/c'), { recursive: true })
  await undo()
  expect(await see()).toEqual([])
})
