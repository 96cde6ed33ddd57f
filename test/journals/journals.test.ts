import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { SCHEMA } from '../../src/engine/libsql/tables/schema.ts'
import { STORED_FORMAT } from '../../src/store/stored-format.ts'
import { until } from '../../src/testing/index.ts'
import { type FolderDump, restoreFolder, tablesIn } from './dump.ts'
import { NAMES, readJournal } from './journals.ts'
import { contentOf, ENVIRONMENT, GOALS, messagesOf, openJournal, READ, type Runs, summaryOf, THREAD } from './story.ts'

const HELP = `This release does not read stored data of format ${STORED_FORMAT} as it was written.
Raise the number in src/store/stored-format.ts, then run: node test/journals/write.ts
(A format that no release has written yet may keep its number: run the command only.)`

type Journal = FolderDump & { readonly runs: Runs; readonly expected: Readonly<Record<string, unknown>> }

/** The runtime of a copy. */
async function openCopy(journal: FolderDump) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const data = join(folder, '.antiphon')
  restoreFolder(journal, data)
  const runtime = await openJournal(folder, READ)
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return { runtime, data }
}

test.each(NAMES)('a stored folder opens and continues: %s', async (name) => {
  const journal = readJournal<Journal>(name)
  const { runs, expected } = journal
  const read = async () => {
    const { runtime, data } = await openCopy(journal)
    expect(formatIn(data)).toBe(STORED_FORMAT)
    const statusOf = async (run: string) => (await runtime.runs.get(run)).status
    const over = async (run: string) => until(async () => ['completed', 'failed'].includes(await statusOf(run)))
    expect({
      finished: await summaryOf(runtime, runs.finished),
      undone: await summaryOf(runtime, runs.undone),
      loop: await summaryOf(runtime, runs.loop),
      ...(await contentOf(runtime)),
    }).toEqual(expected)
    const call = `${GOALS.waiting}.1`
    const items = await runtime.inbox.list({})
    expect(items).toMatchObject([
      { run: runs.waiting, title: 'Send ready?' },
      { run: call, title: 'Call filesystem:append?' },
    ])

    await runtime.runs.signal(runs.waiting, 'ok', { action: 'approve' })
    await runtime.runs.resume(runs.waiting)
    await over(runs.waiting)
    expect(await summaryOf(runtime, runs.waiting)).toMatchObject({ outputs: { last: 'ready and true' } })

    await runtime.runs.resume(runs.interrupted)
    await until(async () => (await runtime.inbox.list({ run: runs.interrupted })).length > 0)
    await runtime.runs.settle(runs.interrupted, 'sleeps', { outcome: 'fail' })
    await over(runs.interrupted)
    const { status, steps } = await runtime.runs.get(runs.interrupted)
    expect([status, steps.sleeps?.status, steps.before?.status]).toEqual(['failed', 'failed', 'completed'])

    await runtime.runs.signal(call, 'approve_call_1', 'approve')
    await runtime.goals.resume(GOALS.waiting)
    await until(async () => (await runtime.goals.get(GOALS.waiting)).status === 'completed')
    expect(await runtime.goals.get(GOALS.waiting)).toMatchObject({
      answer: 'appended',
      rounds: [{ calls: [{ outcome: 'succeeded' }] }, {}],
    })
    expect(await runtime.environments.update(ENVIRONMENT, { tide: null }, { expectedVersion: 2 })).toMatchObject({
      version: 3,
    })

    const fork = await runtime.runs.fork(runs.loop, {})
    await over(fork.id)
    expect(await summaryOf(runtime, fork.id)).toMatchObject(expected.loop as object)

    const answer = await runtime.threads.ask({ thread: THREAD, prompt: 'Who is the keeper?' })
    expect(answer.answer).toContain('Ada')
    expect(await messagesOf(runtime)).toHaveLength(6)
    expect(await runtime.inspector.stranded()).toEqual([])
  }
  await read().catch((cause: Error) => {
    throw new Error(`${HELP}\n\n${cause.message}`, { cause })
  })
})

const formatIn = (data: string) => {
  const database = new Libsql(join(data, 'engine.db'))
  const [[format]] = database.prepare('pragma user_version').raw().all([]) as [[number]]
  database.close()
  return format
}

test('the tables are those that the number stands for', () => {
  const database = new Libsql(':memory:')
  database.exec(SCHEMA.sql)
  const tables = tablesIn(database)
  database.close()
  for (const name of NAMES) {
    const journal = readJournal<Journal>(name)
    expect(journal.format).toBe(STORED_FORMAT)
    expect(journal.tables, HELP).toEqual(tables)
  }
})
