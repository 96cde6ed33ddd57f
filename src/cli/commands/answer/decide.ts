import { randomUUID } from 'node:crypto'
import { Argument, Command, Option } from 'commander'
import { LOOP_TARGETS } from '../../../chain/protocol/recursion.ts'
import type { AskDecision, Decided } from '../../../runtime/ports/threads.ts'
import { DATA_OPTION, exampleText } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import type { ConnectionTarget } from '../../connect/target.ts'
import { printJson } from '../../render/print.ts'

type Options = ConnectionTarget &
  Pick<AskDecision, 'target' | 'prompt'> & { readonly id?: string; readonly json?: boolean }

/** `decide ASK accept|yield|loop`: decides how a waiting question continues. */
export function decideCommand(cli: Cli): Command {
  return new Command('decide')
    .description(
      'Decide how a question continues. A question asked with "--recursion step" waits for this: accept the proposal, yield an answer, or loop for another cycle. It continues in its process, or in this one if it has none.',
    )
    .argument('<ask>', 'id of the question, from "antiphon inbox"')
    .addArgument(new Argument('<decision>', 'how to continue').choices(['accept', 'yield', 'loop']))
    .addOption(
      new Option('--target <phase>', 'loop: phase to start from')
        .choices(LOOP_TARGETS)
        .default(undefined, 'as proposed, or action'),
    )
    .option('--prompt <text>', 'loop: what to find out')
    .option('--id <id>', 'decide only once, even if this command is repeated with the same id')
    .option('--json', 'print the decision as JSON')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      exampleText(
        'decide ask_3xJd0vQ accept',
        'decide ask_3xJd0vQ loop --target experience --prompt "Look for the date."',
      ),
    )
    .action(async (ask: string, decision: AskDecision['decision'], options: Options) =>
      cli.exit(await decide(cli, ask, decision, options)),
    )
}

function decide(
  cli: Cli,
  ask: string,
  decision: AskDecision['decision'],
  { target, prompt, id = `dec_${randomUUID()}`, json = false, ...where }: Options,
): Promise<number> {
  const { terminal } = cli
  return withRuntime(cli, { command: `antiphon decide ${ask}`, ...where }, async (session) => {
    const given = { decision, ...(target && { target }), ...(prompt !== undefined && { prompt }) }
    const decided = await session.client.inbox.decide(ask, given, { id })
    const onward = await seeing(session, ask, decided)
    session.goOnWith(onward)
    if (json) printJson(terminal, { ask, ...decided })
    else terminal.say(`${ask} ${wordsFor(decided)}. To follow it:\n  ${onward}`)
    return 0
  })
}

/** The same question under the same id gets the same answer, or waits for it. */
async function seeing({ client, command }: Session, ask: string, { thread }: Decided): Promise<string> {
  const { prompt } = await client.threads.getAsk(thread, ask)
  return command('ask', prompt, '--thread', thread, '--id', ask)
}

function wordsFor(decided: Decided): string {
  return decided.decision === 'loop' ? `starts another cycle at ${decided.target}` : 'is answered now'
}
