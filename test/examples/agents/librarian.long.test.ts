import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandOf, openExample } from './folder.ts'

/** The topics that the author of the notes would choose. */
const MEANT: { readonly [topic: string]: readonly string[] } = {
  Boat: ['antifouling.md', 'mooring lines.md', 'engine-log.txt', 'trip-to-the-skerries.md'],
  Books: ['book-list.md', 'reading-circle.md', 'wayfarer.md'],
  Garden: ['compost-heap.md', 'tomato-blight.md', 'pruning-apples.txt', 'seed-order.md'],
  House: ['boiler-service.md', 'gutter.md', 'window-putty.txt', 'fuse-box.md'],
  Kitchen: ['rye-bread.md', 'fish-soup.md', 'quince-jelly.txt', 'knives.md'],
  Money: ['tax-papers.md', 'hail-claim.md', 'budget-march.txt', 'pension-letter.md'],
  Unsorted: ['thursday.md'],
}

type Entry = { readonly topic: string; readonly title: string; readonly file: string }

/** The links of an index, in their order. */
function entriesIn(index: string): readonly Entry[] {
  return index
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const [topic = ''] = section.split('\n')
      const links = [...section.matchAll(/^- \[(.+)\]\((\S+)\)$/gm)]
      return links.map(([, title = '', link = '']) => ({ topic, title, file: decodeURIComponent(link) }))
    })
}

test('librarian writes an index of all notes once a person has approved it', async () => {
  const { folder, run, read } = await openExample('librarian')
  const notes = await readdir(join(folder, 'notes'))
  expect(notes.length).toBeGreaterThanOrEqual(20)
  const command = commandOf(await read('README.md'))
  expect(await run(...command, '--id', 'tidy')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('A call waits for a person'),
  })
  expect(await readdir(join(folder, 'notes'))).toEqual(notes)
  expect((await run('inbox')).out).toContain('Call filesystem:write?')
  expect(await run('signal', 'tidy.playbook', 'call:write', 'approve')).toMatchObject({ code: 0 })
  expect(await run('agent', 'resume', 'last')).toMatchObject({ code: 0, out: 'notes/index.md\n' })

  const index = await read('notes/index.md')
  const entries = entriesIn(index)
  expect(entries.map(({ file }) => file).toSorted()).toEqual(notes.toSorted())
  expect(index.match(/^- /gm)?.length).toBe(notes.length)
  for (const { title, file } of entries) {
    const [first = ''] = (await read(`notes/${file}`)).split('\n')
    expect(first.replace(/^# /, ''), file).toBe(title)
  }
  expect(new Set(entries.map(({ topic }) => topic)).size).toBe(Object.keys(MEANT).length)
  expect(entries.filter(({ topic, file }) => MEANT[topic]!.includes(file)).length).toBeGreaterThanOrEqual(21)

  // again: the index is not one of its notes
  await run(...command, '--id', 'again')
  await run('signal', 'again.playbook', 'call:write', 'approve')
  await run('agent', 'resume', 'again')
  expect(await read('notes/index.md')).toBe(index)
})

test('librarian writes nothing that a person rejects', async () => {
  const { folder, run, read } = await openExample('librarian')
  await run(...commandOf(await read('README.md')), '--id', 'tidy')
  await run('signal', 'tidy.playbook', 'call:write', 'reject')
  expect(await run('agent', 'resume', 'tidy')).toMatchObject({
    code: 0,
    out: expect.stringContaining('Not done: write (a person rejected it: without a reason).'),
  })
  expect(await readdir(join(folder, 'notes'))).not.toContain('index.md')
})
