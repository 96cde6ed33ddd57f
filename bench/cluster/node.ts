// A node on the Restate server that the cluster's rows share, in a process of its own.
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http2'
import { createClient } from '../../src/engine/restate/client/client.ts'
import { type RestateOptions, restateEngine } from '../../src/engine/restate/engine.ts'
import { answer } from '../children.ts'
import { STEPS } from '../engine/actors.ts'
import { openRuntime, writePipeline } from '../engine/pipeline.ts'
import { BARE } from './actors.ts'
import { byHand } from './by-hand.ts'
import { FIRST, type Serving } from './subjects.ts'

/** What a node is to take turns of, on which server, and where. */
export type NodeTask = Omit<RestateOptions, 'actors'> & {
  readonly serves: Serving['serves']
  /** for what it keeps, and for what all nodes of its sort do */
  readonly folder: string
  readonly shared: string
  readonly port: number
}

const OPENS: { readonly [serves in Serving['serves']]: (task: NodeTask) => Promise<void> } = {
  actors: openActors,
  pipeline: openPipeline,
  'by-hand': openByHand,
}

answer((task: NodeTask) => OPENS[task.serves](task))

async function openActors({ serves: _, folder: __, shared: ___, ...options }: NodeTask): Promise<void> {
  await restateEngine({ ...options, actors: BARE }).start()
}

async function openPipeline({ serves: _, folder, admin, ingress, ...rest }: NodeTask): Promise<void> {
  const restate = { ...rest, admin: [admin].flat(), ingress: [ingress].flat() }
  for (const each of [folder, rest.shared]) await mkdir(each, { recursive: true })
  const runtime = await openRuntime(folder, { restate })
  await runtime.runs.start({ file: await writePipeline(folder, STEPS.run), id: FIRST })
  await runtime.idle()
}

async function openByHand({ port, ...addresses }: NodeTask): Promise<void> {
  await once(createServer(byHand).listen(port, '127.0.0.1'), 'listening')
  await createClient(addresses).admin('POST', '/deployments', { uri: `http://127.0.0.1:${port}` })
}
