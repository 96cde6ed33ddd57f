import { Command } from 'commander'
import { DATA_OPTION, smallNumber } from '../../arguments/options.ts'
import { type Cli, configureHere } from '../../cli.ts'
import { GRACE, nodeFolder } from '../../cluster-dev/node-process.ts'
import { clusterIn } from '../../cluster-dev/three-servers.ts'
import { serveFolder } from '../../connect/serve-folder.ts'

/** `cluster node`, a node of `cluster dev --nodes 3`: all that it has to know is in the cluster's data folder. */
export function clusterNodeCommand(cli: Cli): Command {
  return new Command('node')
    .description('Be one of the nodes of the cluster in a data folder.')
    .argument('<number>', 'which of them', smallNumber)
    .option(...DATA_OPTION)
    .action(async (number: number, { data }: { readonly data?: string }) => cli.exit(await node(cli, number, data)))
}

async function node(cli: Cli, number: number, given: string | undefined): Promise<number> {
  const { data } = await configureHere(cli, given)
  const setup = await configureHere(cli, nodeFolder(data, number), { own: await clusterIn(data) })
  return serveFolder(cli, setup, { command: 'antiphon cluster dev', grace: GRACE })
}
