import { mkdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { viewMemory } from '../../src/memory/room/view.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

/** A project whose folder `open` is a root beside the project itself, with files in both. */
async function openProject() {
  const project = openFolder()
  mkdirSync(project.path('open'))
  project.write('antiphon.yaml', 'roots: [., open]\n')
  project.write('own.md', 'The gate is blue.')
  project.write('open/shown.md', 'The lamp burns.')
  symlinkSync(project.path('own.md'), project.path('open/link.md'))
  const runtime = await project.open()
  const view = (local: boolean) => viewMemory(runtime.memory, { caller: { owner: 'ann', local }, isAdmin: false })
  return { ...project, runtime, network: view(false).sources, local: view(true).sources, ann: runtime.memory('ann') }
}

test('a caller from the network adds what untrusted runs may read, and nothing else', async () => {
  const { network, local, path, ann } = await openProject()
  for (const closed of ['own.md', '.', 'open/link.md', 'antiphon.yaml', '.antiphon', '/etc/hostname', '../x'])
    await expect(network.add({ path: closed })).rejects.toMatchObject({
      code: 'outside_root',
      hint: expect.stringContaining('from the network'),
    })
  expect(await ann.sources.list()).toEqual([])
  expect(await network.add({ path: 'open' })).toMatchObject({ read: 1, added: 1, notes: ['left out: links (1)'] })
  expect(await local.add({ path: path('own.md') })).toMatchObject({ read: 1 })
})

test('a file that was moved to where its caller may not read is gone, and not renamed', async () => {
  const { network, path, ann } = await openProject()
  await network.add({ path: 'open' })
  renameSync(path('open/shown.md'), path('shown.md'))
  expect(await ann.search({ text: 'lamp' })).toMatchObject({
    records: [],
    sources: { dropped: [path('open/shown.md')], renamed: [], unread: [] },
  })
})

test('a search drops a file that has become a link, and does not read one that was closed since', async () => {
  const { network, path, ann, write, runtime, open } = await openProject()
  write('open/sub.md', 'The lamp of the pier.')
  await network.add({ path: 'open' })
  write('open/shown.md', 'The lamp burns again.')
  expect(await ann.search({ text: 'lamp' })).toMatchObject({ sources: { reread: [path('open/shown.md')] } })
  unlinkSync(path('open/shown.md'))
  symlinkSync(path('own.md'), path('open/shown.md'))
  expect(await ann.search({ text: 'burns gate' })).toMatchObject({
    records: [],
    sources: { dropped: [path('open/shown.md')], unread: [] },
  })
  await runtime.stop()
  write('antiphon.yaml', 'roots: [.]\n')
  write('open/sub.md', 'The key of the lamp.')
  const { records, sources } = await (await open()).memory('ann').search({ text: 'lamp' })
  expect(records.map(({ text }) => text)).toEqual(['The lamp of the pier.'])
  expect(sources?.unread).toEqual([{ ref: path('open/sub.md'), reason: expect.stringContaining('outside') }])
})
