import { describe, expect, test } from 'vitest'
import { openSearch, readPages } from '../../src/cli/commands/author/docs-pages.ts'
import { runHere } from '../cli/here.ts'
import { NOTHING } from '../cli/programs.ts'
import { ROOT, read } from './program.ts'

/** Tasks in the words of somebody who does not know ours, and the page that answers. */
const TASKS = [
  ['approve a refund from my own page', 'serving'],
  ['retry a step three times', 'how-to/retry-and-undo'],
  ['run a job every morning', 'schedules'],
  ['my laptop died in the middle, how do I go on', 'how-to/resume-after-a-crash'],
  ['do not spend more than ten dollars', 'how-to/limit-spending'],
  ['use my openai api key', 'how-to/add-a-model-provider'],
  ['give the model a function of mine to call', 'how-to/write-a-tool'],
  ['unit test an agent without calling openai', 'testing'],
  ['show the answer word by word in react', 'conversations'],
  ['send a reminder after three days', 'cookbook'],
  ['delete all data of one customer', 'memory'],
  ['send a slack message when something needs approval', 'deploy'],
  ['start a job when stripe calls us', 'webhooks'],
  ['run it in docker', 'deploy'],
  ['connect the github mcp server', 'mcp'],
  ['send a photo to an agent', 'files'],
  ['deploy new code while old jobs still run', 'upgrading'],
  ['why is my job stuck', 'looking-inside'],
  ['the payment must never be made twice', 'tool-calls'],
  ['loop over a list in yaml', 'pipelines'],
] as const

const search = openSearch(await readPages())
const docs = (...words: readonly string[]) => runHere(NOTHING, ['docs', ...words], { folder: ROOT })

describe('antiphon docs', () => {
  test.each(TASKS)('"%s" finds %s among the first three pages', async (task, page) => {
    const found = (await search(task)).slice(0, 3)
    expect(found.map((part) => part.page)).toContain(page)
  })

  test('prints the part that answers best, and names two more', async () => {
    const { code, out, err } = await docs('record', 'a', 'model')
    expect([code, out.split('\n')[0]]).toEqual([0, '## Record a model'])
    expect(err).toMatch(/^\nFrom testing#record-a-model\. See also: antiphon docs \S+ · antiphon docs \S+\n$/)
    const found: readonly object[] = JSON.parse((await docs('record', 'a', 'model', '--json')).out)
    expect(found).toHaveLength(3)
    expect(found[0]).toEqual({ id: 'testing#record-a-model', text: out.trimEnd() })
  })

  test('prints a page or a part by its name', async () => {
    const page = (await read('docs/testing.md')).trimEnd()
    for (const name of ['testing', 'testing.md', 'docs/testing.md']) expect((await docs(name)).out).toBe(`${page}\n`)
    const part = await docs('testing#record-a-model')
    expect(part.out).toMatch(/^## Record a model\n/)
    expect(page).toContain(part.out.trimEnd())
    expect((await docs('approve-a-step')).out).toMatch(/^# Approve a step\n/)
    expect((await docs('code_missing')).out).toMatch(/^### code_missing\n/)
    expect(JSON.parse((await docs('testing', '--json')).out)).toEqual({ id: 'testing', text: page })
  })

  test('names the nearest part, and says when no page has the words', async () => {
    expect(await docs('testing#record-model')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean testing#record-a-model?'),
    })
    expect(await docs('testing#zzzzzz')).toMatchObject({ code: 2, err: expect.stringContaining('docs --list') })
    expect(await docs('zzyzzyx')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('docs --list') })
  })

  test('names generated pages last', async () => {
    const found = (await search('filesystem read path')).map(({ page }) => page)
    expect(found.length).toBeGreaterThan(10)
    expect(found.slice(-3).toSorted()).toEqual(['errors', 'http', 'tools'])
  })

  test('lists each page with its first sentence', async () => {
    const listed: readonly { page: string; about: string }[] = JSON.parse((await docs('--list', '--json')).out)
    expect(listed.map(({ page }) => page)).toEqual(expect.arrayContaining(['agents', 'how-to/write-a-tool', 'http']))
    for (const { page, about } of listed) expect(about, page).toMatch(/^[A-Za-z`][^\n]{10,250}[.:?]$/)
    const { out } = await docs()
    expect(out.split('\n')).toHaveLength(listed.length + 2)
    expect(out).not.toContain('](')
  })
})
