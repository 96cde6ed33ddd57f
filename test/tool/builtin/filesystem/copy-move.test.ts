import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { copyTool, moveTool } from '../../../../src/tool/builtin/filesystem/copy-move.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const at = (path: string) => join(place.root, path)
const copy = (path: string, destination: string) => call(copyTool, { path, destination }, contextAt(place.root))
const move = (path: string, destination: string) => call(moveTool, { path, destination }, contextAt(place.root))
const text = (path: string) => readFile(at(path), 'utf8')

describe('copying', () => {
  it('copies a file, making folders, and may be repeated', async () => {
    await writeFile(at('a'), 'A')
    for (let time = 0; time < 2; time++)
      expect(await copy('a', 'x/y/b')).toEqual({ action: 'copy', source: 'a', destination: 'x/y/b' })
    expect([await text('a'), await text('x/y/b')]).toEqual(['A', 'A'])
    expect(await readdir(at('x/y'))).toEqual(['b'])
  })

  it('puts a file into a folder', async () => {
    await writeFile(at('a'), 'A')
    await mkdir(at('folder'))
    expect(await copy('a', 'folder')).toMatchObject({ destination: 'folder/a' })
    expect(await copy('a', 'other/')).toMatchObject({ destination: 'other/a' })
    expect([await text('folder/a'), await text('other/a')]).toEqual(['A', 'A'])
  })

  it('lays a folder over another, the same however often, links as links', async () => {
    await mkdir(at('from/deep'), { recursive: true })
    await writeFile(at('from/deep/a'), 'new')
    await symlink('/etc/passwd', at('from/link'))
    await mkdir(at('to/deep'), { recursive: true })
    await writeFile(at('to/deep/a'), 'old')
    await writeFile(at('to/kept'), 'kept')
    for (let time = 0; time < 2; time++) await copy('from', 'to')
    expect((await readdir(at('to'))).sort()).toEqual(['deep', 'kept', 'link'])
    expect([await text('to/deep/a'), await readlink(at('to/link'))]).toEqual(['new', '/etc/passwd'])
  })

  it('does not write through a link that lies in the target folder', async () => {
    await writeFile(join(place.outer, 'secret'), 'untouched')
    await mkdir(at('from'))
    await writeFile(at('from/a'), 'new')
    await mkdir(at('to'))
    await symlink(join(place.outer, 'secret'), at('to/a'))
    await copy('from', 'to')
    expect(await readFile(join(place.outer, 'secret'), 'utf8')).toBe('untouched')
  })

  it('leaves a file that is copied onto itself', async () => {
    await writeFile(at('a'), 'A')
    await copy('a', './a')
    expect(await text('a')).toBe('A')
  })

  it('says which path is wrong', async () => {
    await writeFile(at('a'), 'A')
    await mkdir(at('folder/in'), { recursive: true })
    await expect(copy('no', 'b')).rejects.toThrow('File not found: no')
    await expect(copy('a', '../b')).rejects.toMatchObject({ code: 'outside_root' })
    await expect(copy('a', 'a/b')).rejects.toThrow('Not a directory: a/b')
    await expect(copy('folder', 'folder/in')).rejects.toThrow('A folder cannot be copied into itself.')
  })
})

describe('moving', () => {
  it('renames files and folders, making folders, and replaces a file', async () => {
    await writeFile(at('a'), 'A')
    await mkdir(at('x'))
    await writeFile(at('x/b'), 'B')
    expect(await move('a', 'new/a2')).toEqual({ action: 'move', source: 'a', destination: 'new/a2' })
    await move('x', 'y')
    await writeFile(at('y/a2'), 'old')
    expect(await move('new/a2', 'y')).toMatchObject({ destination: 'y/a2' })
    expect([await text('y/a2'), await text('y/b')]).toEqual(['A', 'B'])
    expect((await readdir(place.root)).sort()).toEqual(['new', 'y'])
  })

  it('moves a link and not what it leads to', async () => {
    await writeFile(at('real'), 'R')
    await symlink('real', at('link'))
    await move('link', 'link2')
    expect([await readlink(at('link2')), await text('real')]).toEqual(['real', 'R'])
  })

  it('says which path is wrong', async () => {
    await writeFile(at('a'), 'A')
    await expect(move('no', 'b')).rejects.toThrow('File not found: no')
    await expect(move('a', '../b')).rejects.toMatchObject({ code: 'outside_root' })
    await expect(move('.', 'b')).rejects.toMatchObject({ code: 'outside_root' })
    expect(await text('a')).toBe('A')
  })

  it('takes no folder into itself, and makes none there', async () => {
    await mkdir(at('folder'))
    for (const destination of ['folder', 'folder/', 'folder/in/deep'])
      await expect(move('folder', destination)).rejects.toThrow('A folder cannot be moved into itself.')
    expect(await readdir(at('folder'))).toEqual([])
  })
})
