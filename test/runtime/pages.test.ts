import { expect, it } from 'vitest'
import { isStep } from '../../src/inbox/room/port.ts'
import { cursorOfItem, cursorOfRun } from '../../src/index.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import { cursorOfLetter } from '../../src/runtime/ports/inspector.ts'
import { until } from '../../src/testing/index.ts'
import { openFolder } from './inspect/folder.ts'

const WAIT = 'name: wait\nsteps: [{ id: ask, tool: wait-for-signal, parameters: { prompt: Well? } }]\n'

/** All of a list, in pages of two, while `between` is done after each page. */
async function pagesOf<T>(
  read: (query: { readonly limit: number; readonly after?: string }) => Promise<readonly T[]>,
  cursorOf: (item: T) => string,
  between: (page: readonly T[]) => Promise<void>,
): Promise<readonly (readonly T[])[]> {
  const pages: (readonly T[])[] = []
  for (let after: string | undefined; ; ) {
    const page = await read({ limit: 2, ...(after !== undefined && { after }) })
    pages.push(page)
    if (page.length < 2) return pages
    after = cursorOf(page.at(-1)!)
    await between(page)
  }
}

it('runs are read page by page, whatever is started meanwhile', async () => {
  const { path, write, open } = openFolder()
  write('wait.yaml', WAIT)
  const runtime = await open()
  const start = async () => {
    const { id } = await runtime.runs.start({ file: path('wait.yaml') })
    await until(async () => (await runtime.inbox.list({ run: id })).length === 1)
    return id
  }
  const ids = [await start(), await start(), await start(), await start(), await start()]
  const pages = await pagesOf(runtime.runs.list, cursorOfRun, async () => void (await start()))
  expect(pages.map((page) => page.map(({ id }) => id))).toEqual([[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]])
})

it('the inbox is read page by page while items are answered', async () => {
  const { path, write, open } = openFolder()
  write('wait.yaml', WAIT)
  const runtime = await open()
  const ids: string[] = []
  for (let count = 0; count < 5; count++) {
    const { id } = await runtime.runs.start({ file: path('wait.yaml') })
    ids.push(id)
    await until(async () => (await runtime.inbox.list({ run: id })).length === 1)
  }
  const pages = await pagesOf(runtime.inbox.list, cursorOfItem, async (page) => {
    for (const { run, signal } of page.filter(isStep)) await runtime.runs.signal(run, signal, 'yes')
  })
  expect(pages.map((page) => page.filter(isStep).map(({ run }) => run))).toEqual([
    [ids[0], ids[1]],
    [ids[2], ids[3]],
    [ids[4]],
  ])
  expect(await runtime.inbox.list()).toMatchObject([{ run: ids[4] }])
})

it('dead letters are read page by page, whatever is dropped meanwhile', async () => {
  const refusing = defineActor<null, string>({
    kind: 'refusing',
    message: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as string }) } },
    initial: () => null,
    receive: () => {
      throw new Error('no')
    },
    supervise: () => ({ type: 'fail' }),
  })
  const runtime = await openFolder().open([refusing])
  const count = async () => (await runtime.inspector.deadLetters.list()).length
  for (const id of ['a', 'b', 'c']) {
    await runtime.engine.tell({ kind: 'refusing', key: id }, 'x', { id })
    await until(async () => (await count()) === id.charCodeAt(0) - 96)
  }
  const all = await runtime.inspector.deadLetters.list()
  const pages = await pagesOf(runtime.inspector.deadLetters.list, cursorOfLetter, async (page) => {
    for (const { id } of page) await runtime.inspector.deadLetters.drop(id)
  })
  expect(pages.flat()).toEqual(all)
})

const encoded = (place: string) => Buffer.from(place).toString('base64url')

it('an invalid cursor is refused by name', async () => {
  const runtime = await openFolder().open()
  const { runs, threads, inbox, pipelines, inspector, access, budgets } = runtime
  const lists = [
    runs.list,
    threads.list,
    inbox.list,
    pipelines.list,
    inspector.deadLetters.list,
    inspector.actors,
    access.keys.list,
    budgets.list,
  ]
  for (const after of ['', 'run_1', '𐀀', 'WzFd', '/', 'a/', '/b', encoded('[{},"x"]'), encoded('[1e999,"x"]')])
    for (const list of lists)
      await expect(list({ after })).rejects.toMatchObject({ name: 'InvalidError', code: 'bad_cursor' })
})

it('a cursor of a list by time is none of one by name, and the other way round', async () => {
  const { runs, threads, inbox, pipelines, inspector } = await openFolder().open()
  for (const list of [runs.list, threads.list, inbox.list, inspector.deadLetters.list]) {
    await expect(list({ after: encoded('[null,"x"]') })).rejects.toMatchObject({ code: 'bad_cursor' })
    expect(await list({ after: encoded('[1,"x"]') })).toEqual([])
  }
  await expect(pipelines.list({ after: encoded('[1,"x"]') })).rejects.toMatchObject({ code: 'bad_cursor' })
  expect(await pipelines.list({ after: encoded('[null,"x"]') })).toEqual([])
})

it('behind a key or a budget that has gone the list goes on', async () => {
  const { access, budgets } = await openFolder().open()
  const { token: _, ...key } = await access.keys.create({ name: 'ci', owner: 'ann', scopes: ['read'] })
  await budgets.set('owner/bob', 1)
  expect(await access.keys.list({ after: '0000000000000000' })).toEqual([key])
  expect(await access.keys.list({ after: 'ffffffffffffffff' })).toEqual([])
  expect(await budgets.list({ after: 'owner/ann' })).toMatchObject([{ scope: 'owner/bob' }])
})
