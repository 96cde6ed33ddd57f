import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { restateEngine } from '../../../src/engine/restate/engine.ts'
import { keptCluster, keptServer } from '../../../src/engine/restate/kept-server.ts'
import { findPorts } from '../../../src/engine/restate/ports.ts'
import { READ, RECORDER, recorder } from '../../../src/testing/conformance/actors.ts'
import { describeOnRestate } from './server.ts'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-cluster-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

describeOnRestate('three servers', () => {
  it('lose nothing when any one is killed, nor when all are, and are found where they were', {
    timeout: 60_000,
  }, async () => {
    const folder = await temporaryFolder()
    const kept = await keptCluster(folder)
    const cluster = await kept.start()
    onTestFinished(() => cluster.stop())
    const { servers } = cluster
    const [port] = await findPorts(1)
    const open = ({ admin, ingress }: { readonly admin: string; readonly ingress: string }) =>
      restateEngine({ admin, ingress, port: port!, actors: [recorder()] })
    const first = open(servers[0]!)
    await first.start()
    await first.tell(RECORDER, 'a')
    await servers[1]!.kill()
    await first.tell(RECORDER, 'b')
    expect(await first.ask(RECORDER, READ)).toEqual(['a', 'b'])
    await servers[1]!.start()
    await first.stop()

    await Promise.all(servers.map((server) => server.kill()))
    const again = await (await keptCluster(folder)).start()
    onTestFinished(() => again.stop())
    const second = open(kept.servers[2]!)
    onTestFinished(() => second.stop())
    await second.start()
    expect(await second.ask(RECORDER, READ)).toEqual(['a', 'b'])
  })

  it('are not made of one', async () => {
    const folder = await temporaryFolder()
    await keptServer(folder)
    await expect(keptCluster(folder)).rejects.toThrow('holds the data of one Restate server')
  })
})
