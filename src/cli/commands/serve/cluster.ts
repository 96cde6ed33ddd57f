import { InvalidError } from '../../../errors.ts'
import type { OwnerPlace } from '../../../http/server/join-folder.ts'
import { checkEngineOf } from '../../../runtime/data-folder/node-record.ts'
import { parseLimit } from '../../arguments/options.ts'
import { type Cli, command, loadSetup } from '../../cli.ts'
import type { DevCluster } from '../../cluster-dev/dev.ts'
import { NODE_GRACE_MS, nodeFolder } from '../../cluster-dev/node-process.ts'
import { startOneServer } from '../../cluster-dev/one-server.ts'
import { readDevCluster, startThreeServers } from '../../cluster-dev/three-servers.ts'
import { serveFolder } from '../../connect/serve-folder.ts'
import { commandLine } from '../../terminal/format.ts'

type Options = { readonly nodes: string; readonly data?: string }

const devCommand = command({
  name: 'dev',
  about:
    'Start a local Restate server and a node. The server keeps its data in the data folder, and other commands in this folder use it. Ctrl-C stops both; the next start continues the work. With --nodes 3, any server and any node may be killed.',
  options: [
    [
      '--nodes <number>',
      '1: one server; 3: a cluster of three servers, and two nodes',
      { choices: ['1', '3'], default: '1' },
    ],
  ],
  at: 'folder',
  examples: ['cluster dev', 'cluster dev --data .cluster', 'cluster dev --nodes 3'],
  async run(cli, options) {
    const { data, restate } = await loadSetup(cli, options.data)
    if (restate) throw namesOne(restate.admin.join(', '))
    checkEngineOf(data, 'restate')
    const { setup, ended, title } = await (options.nodes === '1' ? startOneServer : startThreeServers)(cli, data)
    const begin = async (place: OwnerPlace) => {
      describe(cli, place, title)
      return ended
    }
    const code = await serveFolder(cli, setup, { command: 'antiphon cluster dev', grace: NODE_GRACE_MS, begin })
    cli.terminal.say(`Stopped. To continue:\n  ${commandLine(again(options), cli.terminal.environment)}`)
    return code
  },
})

const again = ({ data, nodes }: Options) => [
  ...['cluster', 'dev', ...(nodes === '1' ? [] : ['--nodes', nodes])],
  ...(data === undefined ? [] : ['--data', data]),
]

function describe({ terminal }: Cli, { runtime }: OwnerPlace, title: DevCluster['title']): void {
  const { version, admin, ingress } = runtime.status().restate!
  terminal.say(title)
  terminal.say(`restate-server ${version}: admin ${admin.join(', ')}, ingress ${ingress.join(', ')}`)
  terminal.say('Other commands in this folder use it now. Ctrl-C stops everything; nothing is lost.')
}

function namesOne(admin: string): InvalidError {
  return new InvalidError(`A Restate server is already configured, at ${admin}.`, {
    hint: '`cluster dev` starts its own server: remove `engine` from antiphon.yaml, and --engine and --restate.',
  })
}

/** `cluster node`, a node of `cluster dev --nodes 3`: its settings are in the cluster's data folder. */
const nodeCommand = command({
  name: 'node',
  role: 'hidden',
  about: 'Run one node of the cluster in a data folder.',
  args: [['<number>', 'number of the node', { parse: parseLimit }]],
  at: 'folder',
  run: (cli, number, { data }) => node(cli, number, data),
})

async function node(cli: Cli, number: number, given: string | undefined): Promise<number> {
  const { data } = await loadSetup(cli, given)
  const setup = await loadSetup(cli, nodeFolder(data, number), { own: await readDevCluster(data) })
  return serveFolder(cli, setup, { command: 'antiphon cluster dev', grace: NODE_GRACE_MS })
}

export const clusterCommand = command({
  name: 'cluster',
  about: 'Run on a Restate server, for more than one machine.',
  commands: [devCommand, nodeCommand],
})
