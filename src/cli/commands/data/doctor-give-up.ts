import { Command } from 'commander'
import { giveUpTurnOf } from '../../../engine/restate/admin/give-up.ts'
import { createClient } from '../../../engine/restate/client/client.ts'
import { refOf } from '../../../kernel/ref.ts'
import { DATA_OPTION, examples } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { needCluster } from '../../connect/cluster.ts'

/** `doctor give-up`: ends a turn that no code can go on with. */
export function giveUpCommand(cli: Cli): Command {
  return new Command('give-up')
    .description(
      'Give up the turn of an actor whose code is gone for good: its message becomes a dead letter, its asker is told, and the actor goes on with its mail. Effects that the turn had ended stay done.',
    )
    .argument('<actor>', 'kind/key of the actor: see antiphon doctor')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('doctor give-up step/run_3xJd0vQ.fetch'))
    .action(async (actor: string, _: object, command: Command) => {
      const { admin, ingress, namespace } = await needCluster(cli, command.optsWithGlobals<{ data?: string }>().data)
      await giveUpTurnOf(createClient({ admin, ingress }), namespace, refOf(actor))
      cli.terminal.say(`The turn of ${actor} is given up. Its message: antiphon deadletters list`)
    })
}
