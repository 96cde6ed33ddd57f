import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { editTool } from '../../../../src/tool/builtin/filesystem/edit.ts'
import { searchTool } from '../../../../src/tool/builtin/filesystem/search.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const context = () => contextAt(place.root)
const write = (path: string, text: string | Buffer) => writeFile(join(place.root, path), text)
const read = (path: string) => readFile(join(place.root, path), 'utf8')

describe('filesystem:search', () => {
  const search = (input: object) => call(searchTool, input, context())
  const open = async () => {
    await mkdir(join(place.root, 'docs/deep'), { recursive: true })
    await write('docs/a.md', 'Ebb\nflow and ebb\r\n')
    await write('docs/deep/b.txt', 'ebb\n')
    await write('docs/c.bin', Buffer.from('ebb\0ebb'))
    await writeFile(join(place.outer, 'secret'), 'ebb')
    await symlink(join(place.outer, 'secret'), join(place.root, 'docs/link'))
  }

  test('finds a text in all files of text, with its lines', async () => {
    await open()
    expect(await search({ text: 'ebb' })).toEqual({
      matches: [
        { path: 'docs/a.md', line: 2, text: 'flow and ebb' },
        { path: 'docs/deep/b.txt', line: 1, text: 'ebb' },
      ],
      count: 2,
      files: 3,
      complete: true,
    })
  })

  test.each([
    [{ text: 'EBB', ignore_case: true }, ['docs/a.md:1', 'docs/a.md:2', 'docs/deep/b.txt:1']],
    [{ regex: '^[eE]bb$' }, ['docs/a.md:1', 'docs/deep/b.txt:1']],
    [{ regex: 'FLOW', ignore_case: true }, ['docs/a.md:2']],
    [{ text: 'ebb', pattern: '**/*.txt' }, ['docs/deep/b.txt:1']],
    [{ text: 'ebb', path: 'docs', pattern: '*' }, ['docs/a.md:2']],
    [{ text: 'ebb', path: 'docs/a.md' }, ['docs/a.md:2']],
  ])('%j', async (input, found) => {
    await open()
    const { matches } = await search(input)
    expect((matches as { path: string; line: number }[]).map(({ path, line }) => `${path}:${line}`)).toEqual(found)
  })

  test('says that there is more, and holds against a pattern that backtracks', async () => {
    await write('a', `${'x\n'.repeat(10)}${'a'.repeat(5000)}`)
    expect(await search({ text: 'x', max_results: 3 })).toMatchObject({ count: 3, complete: false })
    expect(await search({ regex: '^(a+)+b$' })).toMatchObject({ count: 0, complete: true })
  })

  test.each([
    [{}, 'Expected text or regex.'],
    [{ text: 'a', regex: 'b' }, 'Expected text or regex.'],
    [{ regex: '(' }, /./],
    [{ text: 'a', path: '..' }, /outside the folders/],
  ])('%j is refused', async (input, message) => {
    await expect(search(input)).rejects.toThrow(message)
  })
})

describe('filesystem:edit', () => {
  const edit = (input: object) => call(editTool, input, context())

  test('replaces a text, and brings it back', async () => {
    await write('a.md', 'ebb\nand flow\n')
    const input = { path: 'a.md', old_text: 'and flow', new_text: '$& $1 spring' }
    const memo = await editTool.prepare!(input, context())
    const output = await edit(input)
    expect(output).toEqual({ action: 'edit', path: 'a.md', line: 2, size: 17 })
    expect(await read('a.md')).toBe('ebb\n$& $1 spring\n')
    await editTool.undo!({ input, output, memo } as never, context())
    expect(await read('a.md')).toBe('ebb\nand flow\n')
  })

  test.each([
    ['neap', 'no_match', 'old_text does not stand in a.md.'],
    ['ebb', 'no_match', 'old_text stands 2 times in a.md.'],
    ['aa', 'no_match', 'old_text stands 2 times in a.md.'],
  ])('leaves the file where %s is not there once', async (old_text, code, message) => {
    await write('a.md', 'ebb ebb aaa')
    await expect(edit({ path: 'a.md', old_text, new_text: 'x' })).rejects.toMatchObject({ code, message })
    expect(await read('a.md')).toBe('ebb ebb aaa')
  })
})
