import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deleteTool, mkdirTool } from '../../../../src/tool/builtin/filesystem/mkdir-delete.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const at = (path: string) => join(place.root, path)
const remove = (input: object) => call(deleteTool, input, contextAt(place.root))

describe('mkdir', () => {
  it('makes a folder and those above it, again if need be', async () => {
    const make = () => call(mkdirTool, { path: 'a/b' }, contextAt(place.root))
    expect(await make()).toEqual({ action: 'mkdir', path: 'a/b' })
    await make()
    expect(await readdir(at('a'))).toEqual(['b'])
  })

  it('fails where a file is in the way', async () => {
    await writeFile(at('a'), '')
    const made = call(mkdirTool, { path: 'a' }, contextAt(place.root))
    await expect(made).rejects.toMatchObject({ message: 'File exists already: a', terminal: true })
  })
})

describe('delete', () => {
  it('removes a file and an empty folder', async () => {
    await writeFile(at('a'), '')
    await mkdir(at('empty'))
    expect(await remove({ path: 'a' })).toEqual({ action: 'delete', path: 'a' })
    await remove({ path: 'empty' })
    expect(await readdir(place.root)).toEqual([])
  })

  it('removes a full folder only when told to', async () => {
    await mkdir(at('full'))
    await writeFile(at('full/a'), '')
    const problem = { message: 'Directory is not empty (set recursive: true): full', terminal: true }
    await expect(remove({ path: 'full' })).rejects.toMatchObject(problem)
    await remove({ path: 'full', recursive: true })
    expect(await readdir(place.root)).toEqual([])
  })

  it('removes a link and not what it leads to, also recursively', async () => {
    await mkdir(join(place.outer, 'outside'))
    await writeFile(join(place.outer, 'outside/a'), 'kept')
    await symlink(join(place.outer, 'outside'), at('link'))
    await mkdir(at('folder'))
    await symlink(join(place.outer, 'outside'), at('folder/link'))
    await remove({ paths: ['link', 'folder'], recursive: true })
    expect(await readdir(place.root)).toEqual([])
    expect(await readFile(join(place.outer, 'outside/a'), 'utf8')).toBe('kept')
  })

  it('removes several, but nothing when one is not there', async () => {
    await writeFile(at('a'), '')
    await writeFile(at('b'), '')
    await expect(remove({ paths: ['a', 'no', 'b'] })).rejects.toThrow('File not found: no')
    expect((await readdir(place.root)).sort()).toEqual(['a', 'b'])
    expect(await remove({ paths: ['a', 'b'] })).toEqual({ action: 'delete', paths: ['a', 'b'], count: 2 })
    expect(await readdir(place.root)).toEqual([])
  })

  it.each([[{}], [{ path: 'a', paths: ['b'] }], [{ paths: [] }]])('refuses %j', async (input) => {
    await expect(remove(input)).rejects.toMatchObject({ name: 'InvalidError' })
  })

  it('never removes the folder that tools work in', async () => {
    await expect(remove({ path: '.', recursive: true })).rejects.toMatchObject({ code: 'outside_root' })
  })
})
