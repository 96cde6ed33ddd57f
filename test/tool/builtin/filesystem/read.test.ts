import { execFileSync } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { existsTool, readFileTool } from '../../../../src/tool/builtin/filesystem/read.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const at = (path: string) => join(place.root, path)
const read = (path: string, more: object = {}) => call(readFileTool, { path, ...more }, contextAt(place.root))

describe('reading', () => {
  it('gives the content exactly, the size in bytes and the path as written', async () => {
    const content = '\ufeffgrün\r\n\n'
    await writeFile(at('a.txt'), content)
    expect(await read('./a.txt')).toEqual({
      action: 'read',
      path: './a.txt',
      content,
      size: Buffer.byteLength(content),
    })
  })

  it('gives bytes that are not text as base64 or latin1 when asked, and says so when not', async () => {
    await writeFile(at('bytes'), Buffer.from([0xff, 0xfe, 0x41]))
    await expect(read('bytes')).rejects.toMatchObject({ message: 'bytes is not a text in utf-16le', terminal: true })
    expect(await read('bytes', { encoding: 'base64' })).toMatchObject({ content: '//5B', size: 3 })
    expect(await read('bytes', { encoding: 'latin1' })).toMatchObject({ content: 'ÿþA' })
  })

  it.each([
    ['no/such.txt', 'File not found: no/such.txt', 'not_found'],
    ['folder', 'Path is a directory: folder', 'tool_failed'],
    ['file/below', 'Not a directory: file/below', 'tool_failed'],
    ['pipe', 'Path is not a plain file: pipe', 'tool_failed'],
    ['huge', 'File is larger than 16 MiB: huge', 'too_large'],
  ])('%s: %s', async (path, message, code) => {
    await mkdir(at('folder'))
    await writeFile(at('file'), '')
    execFileSync('mkfifo', [at('pipe')])
    await writeFile(at('huge'), '')
    await truncate(at('huge'), 16 * 1024 * 1024 + 1)
    await expect(read(path)).rejects.toMatchObject({ message, code, terminal: true })
  })

  it('stops when it is cancelled', async () => {
    await writeFile(at('a'), 'x'.repeat(1_000_000))
    const context = contextAt(place.root, { signal: AbortSignal.abort() })
    await expect(call(readFileTool, { path: 'a' }, context)).rejects.toMatchObject({ name: 'CancelledError' })
  })
})

describe('exists', () => {
  it.each([
    ['file', { exists: true, type: 'file' }],
    ['folder', { exists: true, type: 'directory' }],
    ['link', { exists: true, type: 'file' }],
    ['dangling', { exists: false }],
    ['nothing', { exists: false }],
    ['file/below', { exists: false }],
  ])('%s: %j', async (path, answer) => {
    await writeFile(at('file'), '')
    await mkdir(at('folder'))
    await symlink('file', at('link'))
    await symlink('nowhere', at('dangling'))
    expect(await call(existsTool, { path }, contextAt(place.root))).toEqual({ action: 'exists', path, ...answer })
  })
})
