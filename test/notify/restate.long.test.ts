import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { findPorts } from '../../src/engine/restate/server/ports.ts'
import { createClient } from '../../src/http/client/client.ts'
import { socketFetch } from '../../src/http/client/transport/unix-socket.ts'
import { readOwner } from '../../src/store/data-folder/owner-record.ts'
import { until } from '../../src/testing/index.ts'
import { openBench } from '../cli/commands.ts'
import { REAL } from '../cli/programs.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { BROKEN, GATE, receiverAt } from './office.ts'
import { openReceiver, SECRET } from './receiver.ts'

/** Long enough for each node to look several times. */
const SEVERAL_LOOKS_MS = 2_500

describeOnRestate('two nodes', () => {
  const server = useRestate()

  it('send one message for each item, and either of them answers its link', async () => {
    const { received, url } = await openReceiver()
    const bench = openBench(REAL, onTestFinished)
    const [port] = await findPorts(1)
    mkdirSync(bench.path('common'))
    const place = { port, reusePort: true, address: `http://127.0.0.1:${port}`, shared: 'common' }
    const engine = { restate: { admin: server.now().admin, namespace: 'notices', ...place } }
    const publicUrl = 'http://127.0.0.1:1'
    bench.write(
      'antiphon.yaml',
      JSON.stringify({ embedder: 'none', engine, serve: { publicUrl }, notify: [receiverAt(url)] }),
    )
    const start = async (data: string) => {
      const command = ['serve', '--listen', '0', '--no-auth', '--data', data]
      const node = bench.start(command, undefined, { ANTIPHON_SECRET_HOOKS: SECRET })
      await node.said('use it now')
      const { socket, url: address } = readOwner(bench.path(data))!
      return { ...node, address, client: createClient(socketFetch(socket!)) }
    }
    const [one, other] = await Promise.all([start('one'), start('other')])
    await one.client.runs.start({ source: { text: GATE }, id: 'letter' })
    await other.client.runs.start({ source: { text: BROKEN }, id: 'lost' })
    await until(() => received.length > 1)
    await sleep(SEVERAL_LOOKS_MS)
    expect(received.map(({ body }) => `${body.type} ${body.data.run}`).sort()).toEqual([
      'approval letter',
      'failed lost',
    ])
    const approval = received.find(({ body }) => body.type === 'approval')!
    const link = approval.body.data.link.url.replace(publicUrl, other.address!)
    const answer = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"action":"approve"}' }
    expect(await (await fetch(link, answer)).json()).toEqual({ status: 'taken' })
    expect((await fetch(link)).status).toBe(410)
  })
})
