import { Argument, Command } from 'commander'
import { CONSENT_ANSWERS } from '../../../chain/protocol/context-operations.ts'
import type { ConsentAnswer, Consented } from '../../../runtime/ports/threads.ts'
import { DATA_OPTION, exampleText, parseWholeNumber } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import type { ConnectionTarget } from '../../connect/target.ts'
import { printJson } from '../../render/print.ts'

type Options = ConnectionTarget & { readonly json?: boolean }

/** `consent ASK MESSAGE keep|summarise|remove|restore`: how prompts show a message. */
export function consentCommand(cli: Cli): Command {
  return new Command('consent')
    .description(
      'Keep, summarise or omit a message in later prompts. The choice applies from the next question on. The thread itself always keeps the full text, and `restore` brings a message back.',
    )
    .argument('<ask>', 'id of a question on the thread, from "antiphon inbox"')
    .argument('<message>', 'number of the message on the thread', parseWholeNumber)
    .addArgument(new Argument('<answer>', 'what to do with the message').choices(CONSENT_ANSWERS))
    .option('--json', 'print the result as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('consent ask_3xJd0vQ 1 summarise', 'consent ask_3xJd0vQ 1 restore'))
    .action(async (ask: string, message: number, answer: ConsentAnswer['answer'], options: Options) =>
      cli.exit(await consent(cli, ask, { message, answer }, options)),
    )
}

function consent(cli: Cli, ask: string, said: ConsentAnswer, { json = false, ...where }: Options): Promise<number> {
  return withRuntime(cli, { command: `antiphon consent ${ask}`, ...where }, async ({ client, command }) => {
    const [consented] = await client.inbox.consent(ask, [said])
    if (json) printJson(cli.terminal, { ask, ...consented })
    else cli.terminal.say(wordsFor(consented!, command('consent', ask, String(said.message), 'restore')))
    return 0
  })
}

function wordsFor({ message, inPrompts }: Consented, restore: string): string {
  const back = `To restore it:\n  ${restore}`
  if (inPrompts === 'removed') return `Prompts omit message ${message} from the next question on. ${back}`
  if (inPrompts === 'summary')
    return `Prompts contain a summary of message ${message} from the next question on. ${back}`
  return `Prompts contain message ${message} in full.`
}
