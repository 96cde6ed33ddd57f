import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { surveyServer } from '../../src/engine/restate/admin/survey.ts'
import { restateEngine } from '../../src/engine/restate/engine.ts'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import { until } from '../../src/testing/until.ts'
import { openFileLedger } from '../../trials/index.ts'
import { startWarmProcess, type WarmProcess } from '../../trials/kill/process.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import type { Settings } from './release/node.ts'
import { type Release, tally } from './release/tally.ts'

const NAMESPACE = 'rolling'
type Reply = { readonly count: number; readonly release: Release }
type Note = { readonly key: string; readonly n: number; readonly effect: string; readonly release: Release }

describeOnRestate('two releases behind one address', () => {
  const server = useRestate()

  async function openBench() {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-release-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const [port] = await findPorts(1)
    const { admin, ingress } = server.now()
    const place = { admin, ingress, namespace: NAMESPACE, port: port! }
    const path = join(folder, 'ledger')
    const outside = restateEngine({ ...place, actors: [tally('old', openFileLedger(path))] })

    async function startNode(release: Release): Promise<WarmProcess> {
      const node = startWarmProcess(join(import.meta.dirname, 'release/node.ts'))
      onTestFinished(() => node.kill())
      await node.letGo({ ...place, ledger: path, release } satisfies Settings)
      expect(await node.begun).toBeUndefined()
      return node
    }

    return {
      address: `http://127.0.0.1:${port}`,
      go: join(folder, 'go'),
      startNode,
      ask: async (key: string, n: number, until?: string) =>
        (await outside.ask({ kind: 'tally', key }, { n, ...(until && { until }) })) as Reply,
      async notes() {
        const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
        return lines.map((line) => JSON.parse(line) as Note)
      },
      async pinned(release: Release) {
        const { releases } = await surveyServer(admin, NAMESPACE)
        return releases.find(({ name }) => name === release)?.pinned
      },
    }
  }

  /** Clients that ask and ask, each for a count of its own; a reply out of turn ends them. */
  function startLoad(ask: (key: string, n: number) => Promise<Reply>) {
    let isOver = false
    let asked = 0
    async function work(key: string): Promise<readonly Reply[]> {
      const replies: Reply[] = []
      while (!isOver) {
        const reply = await ask(key, replies.length + 1)
        replies.push(reply)
        asked++
        expect(reply.count).toBe(replies.length)
      }
      return replies
    }
    const working = Promise.all(Array.from({ length: 6 }, (_, index) => work(`client${index}`)))
    working.catch(() => {})
    return {
      /** Resolves when so many more are answered. */
      async more(count: number) {
        const enough = asked + count
        while (asked < enough) await Promise.race([setTimeout(20), working])
      },
      async end() {
        isOver = true
        return working
      },
    }
  }

  it('two releases under load: old turns end on old code, new work runs on new code, and nothing is lost or done twice', async () => {
    const bench = await openBench()
    const old = await bench.startNode('old')
    const load = startLoad(bench.ask)
    await load.more(30)
    const held = [1, 2, 3].map((key) => bench.ask(`held${key}`, 1, bench.go))
    await until(async () => {
      const notes = await bench.notes()
      return notes.filter(({ key, effect }) => key.startsWith('held') && effect === 'second').length === held.length
    })

    const later = await bench.startNode('new')
    // behind a turn of the old release
    const behind = bench.ask('held1', 2)
    const fresh = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((key) => bench.ask(`fresh${key}`, 1)))
    expect(fresh.map(({ release }) => release)).toEqual(fresh.map(() => 'new'))
    await load.more(60)
    expect(await bench.pinned('old')).toBe(3)
    await writeFile(bench.go, '')
    expect(await Promise.all(held)).toEqual(held.map(() => ({ count: 1, release: 'old' })))
    expect(await behind).toEqual({ count: 2, release: 'new' })

    await until(async () => (await bench.pinned('old')) === 0)
    process.kill(old.pid, 'SIGTERM')
    expect(await old.death).toMatchObject({ code: 0, errors: '' })
    await load.more(30)
    const replies = await load.end()
    // from the old one to the new one, and never back
    for (const each of replies) expect(each.map(({ release }) => release).join(' ')).toMatch(/^(old )+new( new)*$/)
    expect(faultsOf(await bench.notes())).toEqual([])
    later.kill()
  })

  it('each node refuses requests for the other release', async () => {
    const bench = await openBench()
    const node = await bench.startNode('old')
    const session = connect(bench.address)
    const closed = once(session, 'close')
    const request = session.request({ ':path': '/new/discover' })
    const [headers] = await once(request, 'response')
    request.resume()
    expect(headers[':status']).toBe(503)
    await closed
    node.kill()
  })
})

/** Effects that were done twice, and turns that were done by two releases. */
function faultsOf(notes: readonly Note[]): readonly string[] {
  const turns = Map.groupBy(notes, ({ key, n }) => `${key} ${n}`)
  return [...turns].flatMap(([turn, effects]) => {
    const names = effects.map(({ effect }) => effect)
    const releases = new Set(effects.map(({ release }) => release))
    return String(names) === 'first,second' && releases.size === 1 ? [] : [`${turn}: ${JSON.stringify(effects)}`]
  })
}
