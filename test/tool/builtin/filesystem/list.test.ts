import { writeFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { listTool } from '../../../../src/tool/builtin/filesystem/list.ts'
import { call, contextAt, workFolder } from '../../context.ts'

const place = workFolder()
const at = (path: string) => join(place.root, path)
const list = (input: object) => call(listTool, input, contextAt(place.root))
const paths = async (input: object) => ((await list(input)).items as { path: string }[]).map((item) => item.path)

beforeEach(async () => {
  await mkdir(at('docs/deep/er'), { recursive: true })
  await mkdir(at('docs/.git'))
  for (const path of [
    'docs/b.md',
    'docs/a.txt',
    'docs/.hidden.md',
    'docs/.git/x.md',
    'docs/deep/c.md',
    'docs/deep/er/d.md',
  ])
    await writeFile(at(path), 'four')
  await symlink('/etc', at('docs/out'))
})

describe('listing a folder', () => {
  it('gives everything in it, sorted, with type and size in bytes', async () => {
    const { items, count, action, path } = await list({ path: 'docs' })
    expect({ count, action, path }).toEqual({ count: 6, action: 'list', path: 'docs' })
    const rows = (items as { name: string; type: string }[]).map(({ name, type }) => `${name} ${type}`)
    expect(rows).toEqual(['.git directory', '.hidden.md file', 'a.txt file', 'b.md file', 'deep directory', 'out link'])
    expect(items).toContainEqual({ name: 'b.md', path: 'docs/b.md', type: 'file', size: 4 })
  })

  it.each([
    ['*.md', ['docs/b.md']],
    ['**/*.md', ['docs/b.md', 'docs/deep/c.md', 'docs/deep/er/d.md']],
    ['*/*.md', ['docs/deep/c.md']],
    ['.*.md', ['docs/.hidden.md']],
    ['{a,b}.*', ['docs/a.txt', 'docs/b.md']],
    ['nothing', []],
    ['out/*', []],
    ['../*', []],
  ])('the pattern %s chooses %j', async (pattern, chosen) => {
    expect(await paths({ path: 'docs', pattern })).toEqual(chosen)
  })

  it('starts from the root when no path is given', async () => {
    expect(await paths({})).toEqual(['docs'])
  })

  it('says what is wrong with the path', async () => {
    await expect(list({ path: 'no' })).rejects.toThrow('File not found: no')
    await expect(list({ path: 'docs/a.txt' })).rejects.toThrow('Not a directory: docs/a.txt')
    await expect(list({ path: 'docs/out' })).rejects.toMatchObject({ code: 'outside_root' })
  })

  it('is bounded', async () => {
    for (let n = 0; n < 5001; n++) writeFileSync(at(`many-${n}`), '')
    await expect(list({})).rejects.toMatchObject({ code: 'too_large' })
    expect(await paths({ pattern: 'many-77*' })).toHaveLength(11)
  })
})
