import { randomUUID } from 'node:crypto'
import { LOOP_TARGETS } from '../../../thread/protocol/cycle-decision.ts'
import type { Decided } from '../../../thread/room/port.ts'
import { AS_OPTION } from '../../arguments/options.ts'
import { command } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'

export const decideCommand = command({
  name: 'decide',
  about:
    'Decide how a question continues. A question asked with "--recursion step" waits for this: accept the proposal, yield an answer, or loop for another cycle. It continues in its process, or in this one if it has none.',
  args: [
    ['<ask>', 'id of the question, from "antiphon inbox"'],
    ['<decision>', 'how to continue', { choices: ['accept', 'yield', 'loop'] }],
  ],
  options: [
    ['--target <phase>', 'loop: phase to start from', { choices: LOOP_TARGETS, shown: 'as proposed, or action' }],
    ['--prompt <text>', 'loop: what to find out'],
    ['--id <id>', 'decide only once, even if this command is repeated with the same id'],
    AS_OPTION,
    ['--json', 'print the decision as JSON'],
  ],
  at: 'server',
  examples: ['decide ask_3xJd0vQ accept', 'decide ask_3xJd0vQ loop --target experience --prompt "Look for the date."'],
  run(cli, ask, decision, { target, prompt, id = `dec_${randomUUID()}`, json = false, ...where }) {
    return withRuntime(cli, { command: `antiphon decide ${ask}`, ...where }, async (session) => {
      const given = { decision, ...(target && { target }), ...(prompt !== undefined && { prompt }) }
      const decided = await session.client.inbox.decide(ask, given, { id })
      const onward = await seeing(session, ask, decided)
      session.goOnWith(onward)
      if (json) cli.terminal.json({ ask, ...decided })
      else cli.terminal.say(`${ask} ${wordsFor(decided)}. To follow it:\n  ${onward}`)
      return 0
    })
  },
})

/** The same question under the same id gets the same answer, or waits for it. */
async function seeing({ client, command }: Session, ask: string, { thread }: Decided): Promise<string> {
  const { prompt } = await client.threads.getAsk(thread, ask)
  return command('ask', prompt, '--thread', thread, '--id', ask)
}

function wordsFor(decided: Decided): string {
  return decided.decision === 'loop' ? `starts another cycle at ${decided.target}` : 'is answered now'
}
