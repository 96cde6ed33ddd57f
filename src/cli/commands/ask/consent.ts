import { CONSENT_ANSWERS } from '../../../thread/protocol/context-operations.ts'
import type { Consented } from '../../../thread/room/port.ts'
import { AS_OPTION, parseWholeNumber } from '../../arguments/options.ts'
import { command } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'

export const consentCommand = command({
  name: 'consent',
  about:
    'Keep, summarise or omit a message in later prompts. The choice applies from the next cycle on, even in a running question. The thread itself always keeps the full text, and `restore` brings a message back.',
  args: [
    ['<ask>', 'id of a question on the thread, from "antiphon inbox"'],
    ['<message>', 'number of the message on the thread', { parse: parseWholeNumber }],
    ['<answer>', 'what to do with the message', { choices: CONSENT_ANSWERS }],
  ],
  options: [AS_OPTION, ['--json', 'print the result as JSON']],
  at: 'server',
  examples: ['consent ask_3xJd0vQ 1 summarise', 'consent ask_3xJd0vQ 1 restore'],
  run(cli, ask, message, answer, { json = false, ...where }) {
    return withRuntime(cli, { command: `antiphon consent ${ask}`, ...where }, async ({ client, command }) => {
      const [consented] = await client.inbox.consent(ask, [{ message, answer }])
      if (json) cli.terminal.json({ ask, ...consented })
      else cli.terminal.say(wordsFor(consented!, command('consent', ask, String(message), 'restore')))
      return 0
    })
  },
})

function wordsFor({ message, inPrompts }: Consented, restore: string): string {
  const back = `To restore it:\n  ${restore}`
  if (inPrompts === 'removed') return `Prompts omit message ${message} from the next cycle on. ${back}`
  if (inPrompts === 'summary') return `Prompts contain a summary of message ${message} from the next cycle on. ${back}`
  return `Prompts contain message ${message} in full.`
}
