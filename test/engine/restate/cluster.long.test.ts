import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { openAdmin } from '../../../src/engine/restate/admin/admin-api.ts'
import { chooseRelease, moveRelease } from '../../../src/engine/restate/admin/move-release.ts'
import { surveyReleases } from '../../../src/engine/restate/admin/releases.ts'
import { surveyServer } from '../../../src/engine/restate/admin/survey.ts'
import type { Addresses } from '../../../src/engine/restate/client/client.ts'
import { restateEngine } from '../../../src/engine/restate/engine.ts'
import type { RestateCluster } from '../../../src/engine/restate/server/cluster.ts'
import { openPersistentCluster, openPersistentServer } from '../../../src/engine/restate/server/persistent.ts'
import type { Actor, ActorRef } from '../../../src/kernel/types.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { actor, ignoreOutcome, READ, RECORDER, range, recorderActor, ref } from '../../../trials/conformance/actors.ts'
import { describeOnRestate } from './server.ts'

async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'antiphon-cluster-'))
}

const remove = (folder: string) => rm(folder, { recursive: true, force: true })

describeOnRestate('three servers', () => {
  let folder: string
  let cluster: RestateCluster

  beforeAll(async () => {
    folder = await temporaryFolder()
    cluster = await (await openPersistentCluster(folder)).start()
  })

  afterAll(async () => {
    await cluster.stop()
    await remove(folder)
  })

  async function openEngine({ admin, ingress }: Addresses, namespace: string, actors: readonly Actor[]) {
    const engine = restateEngine({ admin, ingress, namespace, actors })
    onTestFinished(() => engine.stop({ grace: 0 }))
    await engine.start()
    return engine
  }

  it('answer for each other: any node cancels and inspects work of the others', async () => {
    const hold = gate()
    const worker = actor('worker', 0, async (count, _message, effects) => {
      await effects.run('hold', ({ signal }) => hold.pass(signal))
      return { state: count + 1, reply: count + 1 }
    })
    const engine = await openEngine(cluster.servers[1]!, 'led', [worker])
    const workers = range(8).map((n) => ref('worker', `${n}`))
    const ask = (work: string) =>
      workers.map((worker) => engine.ask(worker, null, { id: `${work} ${worker.key}`, correlationId: work }))
    const first = ask('first')
    for (const asked of first) ignoreOutcome(asked)
    await until(() => hold.arrivals === workers.length)
    const second = ask('second')
    const waiting = async (worker: ActorRef) => (await engine.view.inspect(worker))[0]?.waiting
    await until(async () => (await Promise.all(workers.map(waiting))).every((count) => count === 1))
    await Promise.all(workers.map((worker) => engine.cancel(worker, 'first', 'enough')))
    for (const asked of first) await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    hold.release()
    expect(await Promise.all(second)).toEqual(workers.map(() => 1))
  })

  it('give an operator the same answers at any node, and any node moves turns', async () => {
    const sleeper = (isNew: boolean) =>
      actor(
        'sleeper',
        0,
        async (count, _message, effects) => {
          await effects.run('try', () => (isNew ? null : Promise.reject(new Error('not yet'))))
          return { state: count + 1 }
        },
        { supervise: () => ({ type: 'retry', delay: 600_000 }) },
      )
    const place = { ...cluster.servers[0]!, namespace: 'surveyed' }
    const openRelease = async (release: string, isNew: boolean) => {
      const { admin, ingress, namespace } = place
      const engine = restateEngine({ admin, ingress, namespace, release, actors: [sleeper(isNew)] })
      onTestFinished(() => engine.stop({ grace: 0 }))
      await engine.start()
      return engine
    }
    const old = await openRelease('r1', false)
    for (const n of range(12)) await old.tell(ref('sleeper', `${n}`), null)
    await openRelease('r2', true)
    const survey = ({ admin }: Addresses) => surveyServer(admin, place.namespace)
    const asleep = async (server: Addresses) =>
      (await survey(server)).releases.map(({ name, pinned }) => [name, pinned])
    for (const server of cluster.servers)
      await expect
        .poll(() => asleep(server))
        .toEqual([
          ['r2', 0],
          ['r1', 12],
        ])
    await old.stop({ grace: 0 })
    for (const server of cluster.servers) await expect.poll(async () => (await survey(server)).stuck.length).toBe(12)
    const admin = openAdmin(cluster.servers[2]!.admin)
    const release = chooseRelease(await surveyReleases(admin, place.namespace), 'r1')
    const moved = await moveRelease(admin, place.namespace, release)
    expect(moved.map(({ outcome }) => outcome)).toEqual(range(12).map(() => 'moved'))
    expect(await asleep(cluster.servers[1]!)).toEqual([
      ['r2', 12],
      ['r1', 0],
    ])
  })

  it('lose nothing when one or all are killed, and are found at their addresses again', async () => {
    const { servers } = cluster
    const first = await openEngine(servers[0]!, 'killed', [recorderActor()])
    await first.tell(RECORDER, 'a')
    await servers[1]!.kill()
    await first.tell(RECORDER, 'b')
    expect(await first.ask(RECORDER, READ)).toEqual(['a', 'b'])
    await servers[1]!.start()
    await first.stop()

    await Promise.all(servers.map((server) => server.kill()))
    cluster = await (await openPersistentCluster(folder)).start()
    expect(cluster.servers.map(({ admin }) => admin)).toEqual(servers.map(({ admin }) => admin))
    const second = await openEngine(cluster.servers[2]!, 'killed', [recorderActor()])
    expect(await second.ask(RECORDER, READ)).toEqual(['a', 'b'])
  })

  it('are not made of one', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => remove(folder))
    await openPersistentServer(folder)
    await expect(openPersistentCluster(folder)).rejects.toThrow('contains the data of one Restate server')
  })
})
