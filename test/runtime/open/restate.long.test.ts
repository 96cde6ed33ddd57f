import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { findPorts } from '../../../src/engine/restate/server/ports.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { createRuntime, type InternalParts } from '../../../src/runtime/open/create-runtime.ts'
import type { EnvironmentVariables } from '../../../src/secret/redaction.ts'
import { until } from '../../../src/testing/until.ts'
import { describeOnRestate, useRestate } from '../../engine/restate/server.ts'
import { describeOnS3, useS3 } from '../../store/blobs/s3-server.ts'
import { describeOnRedis, startRedis } from '../../store/redis-server.ts'
import { startServer } from '../../web/server.ts'

let folder: string
beforeEach(async (context) => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-engines-'))
  // what was opened in it is closed first
  context.onTestFinished(() => rm(folder, { recursive: true, force: true }))
})

type Opened = InternalParts & {
  readonly at?: string
  readonly takesTurns?: boolean
  readonly environment?: EnvironmentVariables
}

async function open(settings: string, { at = '.', takesTurns = true, environment = {}, ...parts }: Opened = {}) {
  const place = join(folder, at)
  await mkdir(place, { recursive: true })
  await writeFile(join(place, 'antiphon.yaml'), settings)
  const config = await loadConfig({ folder: place, environment })
  const restate = config.restate && { ...config.restate, takesTurns }
  const runtime = await createRuntime({ ...config, ...(restate && { restate }), embedder: 'none' }, parts)
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return runtime
}

const twoSteps = (one: string, two: string) => `name: two
steps:
  - { id: one, tool: terminal, action: execute, effect: idempotent, parameters: { command: '${one}' } }
  - { id: two, tool: terminal, action: execute, effect: idempotent, depends_on: [one], parameters: { command: '${two}', shell: true } }
`

/** What an event says happened, and to which step. */
function brief(event: Json): string {
  const { type, step } = event as { readonly type: string; readonly step?: string }
  return step === undefined ? type : `${type} ${step}`
}

const NOBODY = 'http://127.0.0.1:9'
const on = (admin: string, more = '') => `engine: { restate: { admin: '${admin}'${more} } }`

it('says where no server answers, and gives the folder up', async () => {
  for (let time = 0; time < 2; time++)
    await expect(open(on(NOBODY))).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(`No Restate server answers at ${NOBODY}`),
    })
})

it('a data folder stays with its engine', async () => {
  await (await open('')).stop()
  await expect(open(on(NOBODY))).rejects.toMatchObject({ code: 'other_engine' })
})

it('parts of libsql are refused by name', async () => {
  await expect(open(on(NOBODY), { checkpoint: {} } as InternalParts)).rejects.toMatchObject({
    message: 'checkpoint belongs to the engine libsql, but this runtime uses Restate.',
  })
})

it('an unusable shared folder is reported before anything begins', async () => {
  await writeFile(join(folder, 'common'), 'a file')
  await expect(open(on(NOBODY, ', shared: common'))).rejects.toMatchObject({
    name: 'InvalidError',
    message: expect.stringContaining('common cannot be used'),
  })
})

describeOnRestate('on a server', () => {
  const server = useRestate()

  it('keeps its place on the server, and what is large in the shared folder', async () => {
    await mkdir(join(folder, 'common'))
    const settings = on(server.now().admin, ', shared: common')
    const first = await open(settings)
    const { restate } = first.status()
    const file = join(folder, 'one.yaml')
    const steps = `steps:\n  - { id: a, tool: filesystem, action: read, parameters: { path: one.yaml } }\n`
    await writeFile(file, `name: one\n${steps}`)
    const { id } = await first.runs.start({ file })
    await first.idle()
    await first.stop()

    const second = await open(settings)
    expect(second.status().restate).toEqual(restate)
    expect(await second.runs.list()).toMatchObject([{ id, status: 'completed' }])
    expect(await readdir(join(folder, 'common'))).not.toEqual([])
    expect(await readdir(join(folder, '.antiphon'))).not.toContain('blobs')
    await second.stop()
    await expect(open('')).rejects.toMatchObject({ code: 'other_engine' })
  })

  it('says where it cannot be reached, and what to do', async () => {
    const [port, nobody] = await findPorts(2)
    const address = `http://127.0.0.1:${nobody}`
    const opened = open(on(server.now().admin, `, port: ${port}, address: '${address}'`))
    await expect(opened).rejects.toMatchObject({
      name: 'InvalidError',
      message: expect.stringContaining(`The Restate server does not reach this node at ${address}/`),
      hint: expect.stringContaining('`address`'),
    })
  })

  it('says where it cannot listen', async () => {
    await expect(open(on(server.now().admin, ', host: 192.0.2.1, identity: none'))).rejects.toMatchObject({
      name: 'InvalidError',
      message: expect.stringMatching(/This node cannot listen on port \d+ of 192\.0\.2\.1: .*EADDRNOTAVAIL/),
    })
  })

  it('goes on without Redis, and says why', async () => {
    const settings = on(server.now().admin, ", redis: 'redis://127.0.0.1:9'")
    const runtime = await open(settings)
    const why = await until(() => runtime.status().restate?.redis?.problem)
    expect(why).toContain('ECONNREFUSED')
    expect(await runtime.runs.list()).toEqual([])
  })

  it('says of a kind of storage that is not there what there is', async () => {
    for (const shared of ['libsql://db', 'gs://bucket'])
      await expect(open(on(server.now().admin, `, shared: '${shared}'`))).rejects.toMatchObject({
        message: `Nodes cannot share storage at ${shared.split('/')[0]}//.`,
        hint: expect.stringContaining('s3://BUCKET/PREFIX'),
      })
  })

  describeOnS3('with an object store', () => {
    const s3 = useS3()

    it('every node reads large values, and all of them need the store', async () => {
      const shared = `s3://blobs/of/all?endpoint=${s3().endpoint}`
      const settings = on(server.now().admin, `, namespace: objects, shared: '${shared}'`)
      const { environment } = s3()
      await open(settings, { at: 'worker', environment })
      const asker = await open(settings, { at: 'asker', takesTurns: false, environment })
      const file = join(folder, 'asker', 'large.yaml')
      await writeFile(join(folder, 'worker', 'large'), 'x'.repeat(100_000))
      const read = '{ id: a, tool: filesystem, action: read, parameters: { path: large } }'
      await writeFile(file, `name: large\nsteps: [${read}]\noutputs: { length: '{{ a.content | length }}' }\n`)
      const { id } = await asker.runs.start({ file })
      for await (const _ of asker.runs.events(id));
      expect(await asker.runs.get(id)).toMatchObject({ status: 'completed', outputs: { length: 100_000 } })
      await expect(open(on(server.now().admin, ', namespace: objects'), { at: 'other' })).rejects.toMatchObject({
        code: 'other_storage',
      })
    })
  })

  describe('work that another node does', () => {
    async function openTwo(namespace: string, more = '', others = '') {
      await mkdir(join(folder, 'common'))
      const settings = on(server.now().admin, `, namespace: ${namespace}, shared: ../common${more}`) + others
      const worker = await open(settings, { at: 'worker' })
      return { worker, asker: await open(settings, { at: 'asker', takesTurns: false }) }
    }

    it('is seen as it goes on: the events of a run, and why it waits', async () => {
      const { worker, asker } = await openTwo('runs')
      const file = join(folder, 'asker', 'two.yaml')
      const hold = 'while ! [ -e go ]; do sleep 0.02; done'
      // not so quick that both are done in one turn
      await writeFile(file, twoSteps('sleep 0.1', hold))
      const { id } = await asker.runs.start({ file })
      const events: string[] = []
      const followed = (async () => {
        for await (const { body } of asker.runs.events(id)) events.push(brief(body))
      })()
      const begun = ['run-start', 'step-start one', 'step-end one', 'step-start two']
      await expect.poll(() => events).toEqual(begun)
      const [step] = (await asker.inspector.why(id)).waitsFor
      expect(step).toMatchObject({ status: 'working', holds: [{ type: 'effect', effect: { attempt: 1 } }] })
      expect(await asker.inspector.actors({ kind: 'step' })).toMatchObject([{ of: step!.of, status: 'working' }])
      expect([asker.status().pools[0]!.running, worker.status().pools[0]!.running]).toEqual([0, 1])
      await writeFile(join(folder, 'worker', 'go'), '')
      await followed
      expect(events).toEqual([...begun, 'step-end two', 'run-end'])
    })

    it('waits for the run of its call: an ask searches the web', async () => {
      const page = { title: 'Ferry', url: 'https://ferry.example/', content: 'The ferry leaves at 9:40.' }
      const { url } = await startServer((_, response) => response.end(JSON.stringify({ results: [page] })))
      const { asker } = await openTwo('web', '', `\nsearch: { backend: searxng, url: '${url}' }`)
      const asked = asker.threads.ask({ id: 'ask_1', thread: 'talk', prompt: 'When does the ferry leave?' })
      expect(await asked).toMatchObject({ citations: [{ file: page.url }], degraded: [] })
    })

    describeOnRedis('with Redis', () => {
      it('is heard as it goes on: the deltas of an answer', async () => {
        const { url } = await startRedis()
        const { worker, asker } = await openTwo('asks', `, redis: '${url}'`)
        await until(() => [worker, asker].every((each) => !each.status().restate!.redis!.problem))
        await writeFile(join(folder, 'notes.md'), '# Tides\n\nA tide is a rise of the sea.\n')
        const leaving = new AbortController()
        onTestFinished(() => leaving.abort())
        const heard: Json[] = []
        void (async () => {
          for await (const delta of asker.inspector.deltas('ask_1', leaving.signal)) heard.push(delta)
        })()
        const ask = { id: 'ask_1', thread: 'talk', prompt: 'What is a tide?', files: [join(folder, 'notes.md')] }
        const { answer } = await asker.threads.ask(ask)
        const text = () => heard.map((delta) => (delta as { readonly text?: string }).text ?? '').join('')
        await expect.poll(text).toContain(answer.slice(0, 20))
      })
    })
  })

  describe('nodes of one namespace', () => {
    const node = (at: string, shared: string, namespace = 'shares', more = '') =>
      open(on(server.now().admin, `, namespace: ${namespace}, shared: ../${shared}${more}`), { at })
    beforeEach(() => Promise.all(['one', 'other'].map((name) => mkdir(join(folder, name)))))

    it('are refused with another storage than the first had, also when no other is running', async () => {
      const first = await node('first', 'one')
      await expect(node('second', 'other')).rejects.toMatchObject({
        code: 'other_storage',
        message: `${join(folder, 'other')} is not the storage that the other nodes of shares share.`,
        hint: expect.stringContaining('Name the same storage on every node'),
      })
      await first.stop()
      await expect(node('second', 'other')).rejects.toMatchObject({ code: 'other_storage' })
      expect((await node('third', 'one')).status().restate).toMatchObject({ namespace: 'shares' })
    })

    it('agree on one storage when they are the first at once', async () => {
      // behind one address: were each at its own, the server would go on to call the last that came, also when it is refused
      const [port] = await findPorts(1)
      const address = `, port: ${port}, reusePort: true, address: 'http://127.0.0.1:${port}'`
      const opened = await Promise.allSettled(
        ['one', 'one', 'other'].map((shared, nth) => node(`${nth}`, shared, 'at-once', address)),
      )
      const refused = opened.filter(({ status }) => status === 'rejected')
      const [one, same, other] = opened.map(({ status }) => status)
      expect([one === same, one === other, refused.length > 0]).toEqual([true, false, true])
    })

    it('do not take the storage of another namespace', async () => {
      await (await node('first', 'one', 'mine')).stop()
      await expect(node('second', 'one', 'yours')).rejects.toMatchObject({
        code: 'other_storage',
        message: `${join(folder, 'one')} is the storage of the namespace mine.`,
      })
    })

    it('use their data folders without a shared storage, so only one can run', async () => {
      const settings = on(server.now().admin, ', namespace: alone')
      await (await open(settings, { at: 'first' })).stop()
      await expect(open(settings, { at: 'second' })).rejects.toMatchObject({ code: 'other_storage' })
      await open(settings, { at: 'first' })
    })
  })
})
