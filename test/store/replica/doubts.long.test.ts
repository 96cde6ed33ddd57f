// dear: each loss of a machine opens two runtimes
import { appendFileSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineTool } from 'antiphon'
import { expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import { createRuntime, type Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { restoreReplica } from '../../../src/store/replica/restore.ts'
import { openS3Double, type S3Double } from './s3-double.ts'

const TABLES = { schema: SCHEMA, statements: STATEMENTS }

/** ms of a call, in which a part of the copy is written */
const PAUSE = 40
const STEPS = ['one', 'two', 'three', 'four']

const step = (id: string, n: number) =>
  `  - { id: ${id}, tool: post, parameters: { word: ${id} }${n > 0 ? `, depends_on: [${STEPS[n - 1]}]` : ''} }`

/**
 * A folder with a pipeline whose steps must not be repeated, and the outside log of what they did. From call `lostAt` on,
 * the bucket takes nothing any more: that is the end of the copy.
 */
async function openShop(bucket: S3Double, lostAt: number) {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-doubts-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const outside = join(folder, 'outside')
  await writeFile(outside, '')
  await writeFile(join(folder, 'post.yaml'), ['name: post', 'steps:', ...STEPS.map(step)].join('\n'))
  let owner: Runtime | undefined
  const post = defineTool({
    name: 'post',
    description: 'Posts a word, which must not be done twice.',
    input: z.object({ word: z.string() }),
    effect: 'at-most-once',
    async execute({ word }) {
      await sleep(PAUSE)
      // the run itself is in the copy
      if (word === 'one') await vi.waitFor(() => expect(owner?.status().replica).toMatchObject({ behind: 0 }), 10_000)
      if (readFileSync(outside, 'utf8').split(' ').length > lostAt)
        bucket.fail((method) => (method === 'PUT' ? 'full' : undefined))
      appendFileSync(outside, `${word} `)
      return word
    },
  })
  const open = async (name: string): Promise<Runtime> => {
    const config = await loadConfig({ folder, data: join(folder, name), environment: bucket.environment })
    const replica = { url: bucket.url, every: 0.005 }
    const runtime = await createRuntime({ ...config, replica, embedder: 'none' }, { tools: [post] })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    owner = runtime
    return runtime
  }
  return {
    file: join(folder, 'post.yaml'),
    open,
    folder,
    done: () => readFileSync(outside, 'utf8').split(' ').slice(0, -1),
  }
}

/** Answers each question as a person would who looks at the outside log, until the run has ended. Gives how many. */
async function finish(runtime: Runtime, id: string, done: () => readonly string[]): Promise<number> {
  let asked = 0
  await runtime.runs.resume(id)
  await vi.waitFor(
    async () => {
      for (const { kind, signal } of await runtime.inbox.list({ run: id })) {
        if (kind !== 'unknown') continue
        const name = signal!.slice('call:'.length)
        await runtime.runs.settle(
          id,
          name,
          done().includes(name) ? { outcome: 'done', result: name } : { outcome: 'not-done' },
        )
        asked++
      }
      expect((await runtime.runs.get(id)).status).toBe('completed')
    },
    { timeout: 20_000, interval: 5 },
  )
  return asked
}

test('a machine that is lost anywhere: no call is made twice without a question', { timeout: 120_000 }, async () => {
  for (let loss = 1; loss <= STEPS.length; loss++) {
    const bucket = await openS3Double()
    const { file, folder, open, done } = await openShop(bucket, loss)
    const old = await open('old')
    await vi.waitFor(() => expect(old.status().replica?.at).toBeDefined(), 10_000)
    const { id } = await old.runs.start({ file })
    await old.idle()
    expect((await old.runs.get(id)).status).toBe('completed')
    expect(done()).toEqual(STEPS)
    await old.stop({ grace: 0 })
    bucket.fail(() => undefined)
    const data = join(folder, 'new')
    bucket.fail(() => undefined)
    await restoreReplica(bucket.address(), { ...TABLES, folder: data })
    const next = await open('new')
    const before = (await next.runs.get(id)).status
    const asked = await finish(next, id, done)
    expect({ loss, done: done() }).toEqual({ loss, done: STEPS })
    if (before === 'running') expect(asked).toBeGreaterThan(0)
    // a run that begins after the restore is in no doubt
    const { id: later } = await next.runs.start({ file })
    await next.idle()
    expect((await next.runs.get(later)).status).toBe('completed')
    await next.stop({ grace: 0 })
  }
})
