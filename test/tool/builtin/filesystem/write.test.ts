import { chmod, mkdir, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { draftPath } from '../../../../src/tool/builtin/filesystem/atomic-write.ts'
import { appendTool, writeTool } from '../../../../src/tool/builtin/filesystem/write.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const at = (path: string) => join(place.root, path)
const write = (path: string, content: unknown, more: object = {}) =>
  call(writeTool, { path, content, ...more }, contextAt(place.root))

describe('writing', () => {
  it('puts exactly these bytes there, making folders, and leaves nothing else behind', async () => {
    const content = 'grün\r\nkein Ende'
    expect(await write('a/b/c.txt', content)).toEqual({ action: 'write', path: 'a/b/c.txt', size: 16 })
    expect(await readFile(at('a/b/c.txt'), 'utf8')).toBe(content)
    expect(await readdir(at('a/b'))).toEqual(['c.txt'])
  })

  it('takes no path that ends as that of a folder does', async () => {
    await expect(write('out/', 'x')).rejects.toThrow('expected a file path')
    expect(await readdir(place.root)).toEqual([])
  })

  it('replaces the whole file and keeps its mode', async () => {
    await writeFile(at('run.sh'), 'a long old text')
    // no umask leaves all of it
    await chmod(at('run.sh'), 0o777)
    await write('run.sh', 'new')
    expect(await readFile(at('run.sh'), 'utf8')).toBe('new')
    expect((await stat(at('run.sh'))).mode & 0o777).toBe(0o777)
  })

  it('never shows a part: who has the old file open goes on reading the old one', async () => {
    await writeFile(at('a'), 'old text')
    const reader = await open(at('a'))
    await write('a', 'new')
    expect(await reader.readFile('utf8')).toBe('old text')
    await reader.close()
  })

  it('writes through a link inside the roots and keeps the link', async () => {
    await writeFile(at('real'), 'old')
    await symlink('real', at('link'))
    await write('link', 'new')
    expect(await readFile(at('real'), 'utf8')).toBe('new')
    expect((await readdir(place.root)).sort()).toEqual(['link', 'real'])
  })

  it('ends well twice when the same call still runs elsewhere, as in a node that lost its server', async () => {
    for (let round = 0; round < 20; round++) {
      await Promise.all([write('a', `text ${round}`), write('a', `text ${round}`)])
      expect(await readFile(at('a'), 'utf8')).toBe(`text ${round}`)
    }
    expect(await readdir(place.root)).toEqual(['a'])
  })

  it('cleans up what a killed attempt of the same call left', async () => {
    const draft = draftPath(at('a'), 'call-1')
    await writeFile(draft, 'half of the te')
    await write('a', 'the text')
    expect(await readdir(place.root)).toEqual(['a'])
  })

  it('leaves no draft when it fails', async () => {
    await mkdir(at('folder'))
    await expect(write('folder', 'x')).rejects.toMatchObject({ message: 'Path is a directory: folder', terminal: true })
    expect(await readdir(place.root)).toEqual(['folder'])
  })

  it.each([
    [42, '42'],
    [true, 'true'],
    [[1, { a: null }], '[1,{"a":null}]'],
    [{ ä: 1 }, '{"ä":1}'],
    ['', ''],
  ])('writes %j as %s', async (content, text) => {
    await write('a', content)
    expect(await readFile(at('a'), 'utf8')).toBe(text)
  })

  it('writes bytes given as base64', async () => {
    await write('bytes', '//5B', { encoding: 'base64' })
    expect(await readFile(at('bytes'))).toEqual(Buffer.from([0xff, 0xfe, 0x41]))
  })

  it('refuses to write nothing at all, and more than 16 MiB', async () => {
    await expect(write('a', undefined)).rejects.toMatchObject({ name: 'InvalidError' })
    await expect(write('a', null)).rejects.toMatchObject({ name: 'InvalidError' })
    await expect(write('a', 'x'.repeat(16 * 1024 * 1024 + 1))).rejects.toMatchObject({ code: 'too_large' })
    expect(await readdir(place.root)).toEqual([])
  })

  it('makes no folders when told not to', async () => {
    const missing = write('no/a', 'x', { create_directories: false })
    await expect(missing).rejects.toMatchObject({ message: 'File not found: no' })
  })
})

describe('an encoding', () => {
  it.each([
    ['latin1', 'größe', 'gr\xf6\xdfe'],
    ['base64', 'aG\nk=\n', 'hi'],
    ['base64', '_-8', '\xff\xef'],
    ['base64', '', ''],
  ])('%s writes %j', async (encoding, content, bytes) => {
    await write('a', content, { encoding })
    expect(await readFile(at('a'), 'latin1')).toBe(bytes)
  })

  it.each([
    ['latin1', '5 €'],
    ['base64', 'not base64!'],
    ['base64', 'aGk=aGk='],
  ])('%s refuses %j, and leaves the file as it is', async (encoding, content) => {
    await writeFile(at('a'), 'old')
    await expect(write('a', content, { encoding })).rejects.toThrow(`Content cannot be written as ${encoding}: a`)
    expect(await readFile(at('a'), 'utf8')).toBe('old')
  })
})

describe('appending', () => {
  it('adds to the end, by mode append or as its own operation, and answers the whole size', async () => {
    await write('log', 'one\n', { mode: 'append' })
    expect(await write('log', 'two\n', { mode: 'a' })).toEqual({ action: 'write', path: 'log', size: 8 })
    expect(await call(appendTool, { path: 'log', content: 3 }, contextAt(place.root))).toMatchObject({ size: 9 })
    expect(await readFile(at('log'), 'utf8')).toBe('one\ntwo\n3')
  })
})

describe('creating', () => {
  it('fails when the file is there and leaves it as it is', async () => {
    await write('a', 'first', { mode: 'x' })
    await expect(write('a', 'second', { mode: 'create' })).rejects.toMatchObject({ message: 'File exists already: a' })
    expect(await readFile(at('a'), 'utf8')).toBe('first')
  })
})
