import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filterTool } from '../../../../src/tool/builtin/data-processing/filter.ts'
import { editTool } from '../../../../src/tool/builtin/filesystem/edit.ts'
import { readFileTool } from '../../../../src/tool/builtin/filesystem/read.ts'
import { searchTool } from '../../../../src/tool/builtin/filesystem/search.ts'
import { appendTool, writeTool } from '../../../../src/tool/builtin/filesystem/write.ts'
import type { ResultNote, Tool } from '../../../../src/tool/tool.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const at = (path: string) => join(place.root, path)
const put = (path: string, bytes: Buffer) => writeFile(at(path), bytes)
const SINGLE = Buffer.from('M\xfcller\nStra\xdfe\n', 'latin1')
const WIDE = Buffer.from('\ufeffMüller\nStraße\n', 'utf16le')

async function told(tool: Tool, input: object) {
  const notes: ResultNote[] = []
  const result = await call(tool, input, contextAt(place.root, { tell: (note) => void notes.push(note) }))
  return { result, notes }
}

describe('a file in another encoding', () => {
  it('is read, and the result and a note say which', async () => {
    await put('a.txt', SINGLE)
    const { result, notes } = await told(readFileTool, { path: 'a.txt' })
    expect(result).toMatchObject({ content: 'Müller\nStraße\n', encoding: 'windows-1252', size: 14 })
    expect(notes).toEqual([{ warning: expect.stringContaining('a.txt was read as windows-1252') }])
    const named = await told(readFileTool, { path: 'a.txt', encoding: 'windows-1252' })
    expect(named).toMatchObject({ result: { content: 'Müller\nStraße\n' }, notes: [] })
  })

  it('is refused with the place of a byte that cannot be read', async () => {
    await put('a.txt', Buffer.concat([Buffer.from('grün\nblaß '), Buffer.from([0xff])]))
    await expect(told(readFileTool, { path: 'a.txt' })).rejects.toMatchObject({
      message: expect.stringContaining('byte 0xFF in line 2'),
      hint: expect.stringContaining('`encoding:`'),
    })
  })

  it('is refused if its bytes are not text, and has a warning if it may be a binary file', async () => {
    await put('a.bin', Buffer.from([0, 255, 0, 254, 1, 2, 3, 4, 5, 6]))
    await expect(told(readFileTool, { path: 'a.bin' })).rejects.toThrow('a.bin is not a text')
    await put('b.bin', Buffer.from([0, 1, 2, 3, 65]))
    const { result, notes } = await told(readFileTool, { path: 'b.bin' })
    expect(result).toMatchObject({ content: '\0\x01\x02\x03A' })
    expect(notes).toEqual([{ warning: expect.stringContaining('b.bin may be a binary file') }])
    expect(await told(readFileTool, { path: 'b.bin', encoding: 'base64' })).toMatchObject({ notes: [] })
  })

  it.each([
    ['windows-1252', SINGLE, Buffer.from('M\xf6ller\nStra\xdfe\n', 'latin1')],
    ['UTF-16 with its mark', WIDE, Buffer.from('\ufeffMöller\nStraße\n', 'utf16le')],
    ['UTF-8 with its mark', Buffer.from('\ufeffMüller\n'), Buffer.from('\ufeffMöller\n')],
  ])('keeps %s in an edit', async (_, before, after) => {
    await put('a.txt', before)
    await told(editTool, { path: 'a.txt', old_text: 'Müller', new_text: 'Möller' })
    expect(await readFile(at('a.txt'))).toEqual(after)
  })

  it('refuses an edit that it cannot represent, and stays as it is', async () => {
    await put('a.txt', SINGLE)
    const edit = told(editTool, { path: 'a.txt', old_text: 'Müller', new_text: '数' })
    await expect(edit).rejects.toThrow('Content cannot be written as windows-1252: a.txt')
    expect(await readFile(at('a.txt'))).toEqual(SINGLE)
  })

  it.each([
    [SINGLE, 'größer', Buffer.concat([SINGLE, Buffer.from('gr\xf6\xdfer', 'latin1')])],
    [WIDE, 'plain', Buffer.concat([WIDE, Buffer.from('plain', 'utf16le')])],
    [Buffer.from('ü'), 'ö', Buffer.from('üö')],
    [Buffer.from([0x89, 0, 1]), 'ö', Buffer.concat([Buffer.from([0x89, 0, 1]), Buffer.from('ö')])],
  ])('is continued in its encoding', async (before, content, after) => {
    await put('log', before)
    const context = contextAt(place.root)
    const memo = await appendTool.prepare!({ path: 'log' } as never, context)
    const { result } = await told(appendTool, { path: 'log', content })
    expect(await readFile(at('log'))).toEqual(after)
    await appendTool.undo!(
      { input: { path: 'log', content, create_directories: true }, output: result as never, memo },
      context,
    )
    expect(await readFile(at('log'))).toEqual(before)
  })

  it('is searched, and the result lists a file that cannot be read as a loss', async () => {
    await put('a.txt', SINGLE)
    await put('b.txt', WIDE)
    await put('c.txt', Buffer.concat([Buffer.from('Müller, grün '), Buffer.from([0xff])]))
    const { result, notes } = await told(searchTool, { text: 'Müller' })
    expect(result.matches).toEqual([
      { path: 'a.txt', line: 1, text: 'Müller' },
      { path: 'b.txt', line: 1, text: 'Müller' },
    ])
    expect(notes).toContainEqual({ lacks: expect.stringContaining('c.txt was not searched') })
  })

  it('is a table', async () => {
    await put('a.csv', Buffer.from('id,name\n1,M\xfcller\n', 'latin1'))
    const input = { data: 'a.csv', operation: { criteria: { name: 'Müller' } } }
    const { result, notes } = await told(filterTool, input)
    expect(result).toMatchObject({ filtered_count: 1 })
    expect(notes).toHaveLength(1)
  })
})

it('a new file in UTF-16 begins with its mark', async () => {
  await told(writeTool, { path: 'a', content: 'ä', encoding: 'utf-16le' })
  expect(await readFile(at('a'))).toEqual(Buffer.from('\ufeffä', 'utf16le'))
})

it('a line of a search that is too long is marked', async () => {
  await put('a', Buffer.from(`x${'y'.repeat(600)}\n`))
  const { result } = await told(searchTool, { text: 'x' })
  expect(result.matches).toEqual([{ path: 'a', line: 1, text: `x${'y'.repeat(499)}`, truncated: true }])
})
