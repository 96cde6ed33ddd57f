import { Argument, Command } from 'commander'
import { CONSENT_ANSWERS } from '../../../chain/protocol/context-operations.ts'
import type { ConsentAnswer, Consented } from '../../../runtime/ports/threads.ts'
import { DATA_OPTION, examples, wholeNumber } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import type { Whereabouts } from '../../connect/target.ts'
import { printJson } from '../../render/print.ts'

type Options = Whereabouts & { readonly json?: boolean }

/** `consent ASK MESSAGE keep|summarise|remove|restore`: what becomes of a message in prompts. */
export function consentCommand(cli: Cli): Command {
  return new Command('consent')
    .description(
      'Say what becomes of a message in the prompts of its thread, from the next question on: it is kept whole, a summary stands in its place, it is left out, or it comes back. The thread itself always has the whole text.',
    )
    .argument('<ask>', 'the id of a question on the thread, as "antiphon inbox" shows it')
    .argument('<message>', 'the number of the message on the thread', wholeNumber)
    .addArgument(new Argument('<answer>', 'what becomes of it').choices(CONSENT_ANSWERS))
    .option('--json', 'print what becomes of it as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', examples('consent ask_3xJd0vQ 1 summarise', 'consent ask_3xJd0vQ 1 restore'))
    .action(async (ask: string, message: number, answer: ConsentAnswer['answer'], options: Options) =>
      cli.exit(await consent(cli, ask, { message, answer }, options)),
    )
}

function consent(cli: Cli, ask: string, said: ConsentAnswer, { json = false, ...where }: Options): Promise<number> {
  return withRuntime(cli, { command: `antiphon consent ${ask}`, ...where }, async ({ client, command }) => {
    const [consented] = await client.consentAsk(ask, [said])
    if (json) printJson(cli.terminal, { ask, ...consented })
    else cli.terminal.say(wordsFor(consented!, command('consent', ask, String(said.message), 'restore')))
    return 0
  })
}

function wordsFor({ message, inPrompts }: Consented, restore: string): string {
  const back = `To have it back:\n  ${restore}`
  if (inPrompts === 'removed') return `Prompts go without message ${message} from the next question on. ${back}`
  if (inPrompts === 'summary') return `Prompts have a summary of message ${message} from the next question on. ${back}`
  return `Prompts have message ${message} as it is.`
}
