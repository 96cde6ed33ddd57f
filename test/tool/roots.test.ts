import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { copyTool } from '../../src/tool/builtin/filesystem/copy-move.ts'
import { searchTool } from '../../src/tool/builtin/filesystem/search.ts'
import { closedRoot, resolveEntryInRoots, resolveInRoots } from '../../src/tool/roots.ts'
import { call, contextAt, workFolder } from './context.ts'

const place = workFolder()
const resolve = (path: string) => resolveInRoots(path, contextAt(place.root))
const outside = { name: 'TerminalError', code: 'outside_root', terminal: true }

describe('a path inside the roots', () => {
  it.each([
    ['a.txt', 'a.txt'],
    ['deep/er/new.txt', 'deep/er/new.txt'],
    ['x/../a.txt', 'a.txt'],
    ['.', ''],
    ['..hidden', '..hidden'],
  ])('%s is %s below the root, there or not', async (path, real) => {
    expect(await resolve(path)).toBe(join(place.root, real))
  })

  it('is followed through links that stay inside, and may be absolute', async () => {
    await writeFile(join(place.root, 'a.txt'), '')
    await symlink('a.txt', join(place.root, 'link'))
    expect(await resolve(join(place.root, 'link'))).toBe(join(place.root, 'a.txt'))
  })

  it('may lie in another root than the one paths start from', async () => {
    const other = join(place.outer, 'other')
    const real = await resolveInRoots('../other/a', contextAt(place.root, { roots: [place.root, other] }))
    expect(real).toBe(join(other, 'a'))
  })

  it('is inside when the root itself is reached by a link', async () => {
    const link = join(place.outer, 'link')
    await symlink(place.root, link)
    expect(await resolveInRoots('a', contextAt(link))).toBe(join(place.root, 'a'))
  })
})

describe('a path outside the roots', () => {
  it.each(['..', '../root2/a', '/etc/passwd', 'a/../../b', '/'])('%s is refused', async (path) => {
    await mkdir(join(place.outer, 'root2'))
    await expect(resolve(path)).rejects.toMatchObject(outside)
  })

  it('says which path, which folders are open, and how to open another', async () => {
    await expect(resolve('/etc/passwd')).rejects.toMatchObject({
      message: `/etc/passwd lies outside the folders that tools may touch (${place.root})`,
      hint: 'To allow it, name its folder under `roots:` in antiphon.yaml.',
    })
  })

  it('is refused when a link leads there: a folder, a file, and what does not exist yet', async () => {
    await symlink('/etc', join(place.root, 'folder'))
    await symlink('/etc/passwd', join(place.root, 'file'))
    await symlink(join(place.outer, 'not-there'), join(place.root, 'dangling'))
    await symlink('dangling', join(place.root, 'twice'))
    for (const path of ['folder/passwd', 'file', 'dangling', 'dangling/below', 'twice'])
      await expect(resolve(path)).rejects.toMatchObject(outside)
  })

  it('is refused when there are no roots at all', async () => {
    await expect(resolveInRoots('a', contextAt(place.root, { roots: [] }))).rejects.toMatchObject(outside)
  })

  it('is an error, and not a loop, when links go in circles', async () => {
    await symlink('b', join(place.root, 'a'))
    await symlink('a', join(place.root, 'b'))
    await expect(resolve('a')).rejects.toThrow()
  })
})

describe('an entry that is to be renamed or removed', () => {
  const entry = (path: string) => resolveEntryInRoots(path, contextAt(place.root))

  it('is the link itself, wherever it leads', async () => {
    await symlink('/etc', join(place.root, 'link'))
    expect(await entry('link')).toBe(join(place.root, 'link'))
    await expect(entry('link/passwd')).rejects.toMatchObject(outside)
  })

  it('is never a root', async () => {
    await expect(entry('.')).rejects.toMatchObject(outside)
    await expect(entry('x/..')).rejects.toMatchObject(outside)
    await expect(entry('..')).rejects.toMatchObject(outside)
  })
})

describe('a closed path inside the roots', () => {
  const closed = () => contextAt(place.root, { roots: [place.root, closedRoot('own'), closedRoot('antiphon.yaml')] })
  const refused = { ...outside, message: expect.stringContaining('file of antiphon') }

  it('is refused, also below it, through a link, and where it is not there yet', async () => {
    await mkdir(join(place.root, 'own/deep'), { recursive: true })
    await symlink('own', join(place.root, 'way'))
    for (const path of ['own', 'own/deep/a', 'way/deep', 'antiphon.yaml', './x/../antiphon.yaml'])
      await expect(resolveInRoots(path, closed()), path).rejects.toMatchObject(refused)
    expect(await resolveInRoots('owner', closed())).toBe(join(place.root, 'owner'))
  })

  it('keeps the folders above it in their place', async () => {
    await mkdir(join(place.root, 'above/own'), { recursive: true })
    const context = contextAt(place.root, { roots: [place.root, closedRoot('above/own')] })
    await expect(resolveEntryInRoots('above', context)).rejects.toMatchObject(refused)
    await expect(call(copyTool, { path: 'above', destination: 'other' }, context)).rejects.toMatchObject(refused)
    expect(await resolveInRoots('above', context)).toBe(join(place.root, 'above'))
  })

  it('is left out of a search', async () => {
    await mkdir(join(place.root, 'own'), { recursive: true })
    for (const path of ['own/a.txt', 'a.txt']) await writeFile(join(place.root, path), 'ebb')
    expect(await call(searchTool, { text: 'ebb' }, closed())).toMatchObject({ matches: [{ path: 'a.txt' }], count: 1 })
  })
})
