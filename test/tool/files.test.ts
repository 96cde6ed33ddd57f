import { expect, it } from 'vitest'
import { z } from 'zod'
import type { Json, Schema } from '../../src/kernel/schema.ts'
import { guardTool } from '../../src/tool/plugin/guard.ts'
import type { ToolFiles } from '../../src/tool/services.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { contextAt } from './context.ts'

/** Files that are stored in a list. */
function shelf() {
  const stored: { readonly name: string; readonly text: string }[] = []
  const files: ToolFiles = {
    async add(content, { name }) {
      const pieces: Uint8Array[] = []
      for await (const piece of content instanceof Uint8Array ? [content] : content) pieces.push(piece)
      const bytes = Buffer.concat(pieces)
      stored.push({ name, text: bytes.toString() })
      return { file: `file_${stored.length}`, type: 'text/plain', name, bytes: bytes.length }
    },
    find: () => Promise.reject(new Error('not asked for')),
    read: () => Promise.reject(new Error('not asked for')),
    describe: () => Promise.reject(new Error('not asked for')),
    small: () => Promise.reject(new Error('not asked for')),
  }
  return { stored, files }
}

const returning = (result: unknown, output?: z.ZodType) =>
  guardTool(
    defineTool({
      name: 'mine',
      description: 'Returns a result',
      effect: 'pure',
      input: z.object({}),
      ...(output && { output: output as Schema<Json> }),
      execute: () => result as Json,
    }),
  )

it('a reference stands for each file of a result, and the rest of it stays', async () => {
  const { stored, files } = shelf()
  const result = { pages: [new File(['one'], 'a.txt'), 2], more: { cover: new Blob(['two']) }, title: 'Tides' }
  expect(await returning(result).execute({}, contextAt('/', { files }))).toEqual({
    pages: [{ file: 'file_1', type: 'text/plain', name: 'a.txt', bytes: 3 }, 2],
    more: { cover: { file: 'file_2', type: 'text/plain', name: 'file', bytes: 3 } },
    title: 'Tides',
  })
  expect(stored).toEqual([
    { name: 'a.txt', text: 'one' },
    { name: 'file', text: 'two' },
  ])
})

it('a result may be a file, and its schema describes the reference', async () => {
  const { files } = shelf()
  const output = z.object({ file: z.string(), type: z.literal('text/plain'), name: z.string(), bytes: z.int() })
  const tool = returning(new File(['one'], 'a.txt'), output)
  expect(await tool.execute({}, contextAt('/', { files }))).toMatchObject({ file: 'file_1', bytes: 3 })
  const other = returning(new File(['one'], 'a.txt'), z.strictObject({ file: z.string() }))
  await expect(other.execute({}, contextAt('/', { files }))).rejects.toMatchObject({ code: 'bad_result' })
})

it.each([
  ['outside of runs', {}, new File(['one'], 'a.txt'), 'this call has no store of files'],
  ['more than 20', shelf(), Array.from({ length: 21 }, () => new Blob(['x'])), 'it holds more than 20 files'],
  ['deeper than 4 levels', shelf(), { a: { b: { c: { d: { e: new Blob(['x']) } } } } }, 'expected JSON, got a Blob'],
])('files of a result are refused by name: %s', async (_, { files }: { files?: ToolFiles }, result, message) => {
  const call = returning(result).execute({}, contextAt('/', files ? { files } : {}))
  await expect(call).rejects.toMatchObject({ code: 'bad_result', message: expect.stringContaining(message) })
})
