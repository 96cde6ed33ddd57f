import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidError, unlessMissing } from '../../../errors.ts'
import { asText, type Json, parseExact } from '../../../kernel/json.ts'
import { goalInRunId } from '../../../run/ids.ts'
import { RUN_ARGUMENT, resolveRunId } from '../../arguments/ids.ts'
import { AS_OPTION } from '../../arguments/options.ts'
import { command } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { oneLine } from '../../terminal/format.ts'

export const signalCommand = command({
  name: 'signal',
  about:
    'Send an answer, an approval or a signal to a run. A signal that no step waits for yet is kept until one does. The run continues in its process, or in this one if it has none.',
  args: [
    ['<run>', RUN_ARGUMENT],
    ['<name>', 'name of the signal; for a step that asks people, the id of the step'],
    ['[value]', 'JSON or plain text (default: null)'],
  ],
  options: [
    ['--id <id>', 'send only once, even if this command is repeated with the same id'],
    AS_OPTION,
    ['--json', 'print the result as JSON'],
  ],
  at: 'server',
  examples: [
    'signal run_3xJd0vQ colour blue',
    'signal run_3xJd0vQ publish \'{"action": "reject", "reason": "too long"}\'',
    'signal run_3xJd0vQ paid --id invoice-17',
  ],
  run(cli, given, name, written, { id = `sig_${randomUUID()}`, json, ...where }) {
    const { terminal } = cli
    const value = readValue(written)
    return withRuntime(cli, { command: `antiphon signal ${given} ${name}`, ...where }, async (session) => {
      const run = await resolveRunId(session.client, given)
      const goal = await goalOf(session, run)
      const onward = goal === undefined ? session.command('resume', run) : session.command('agent', 'resume', goal)
      session.goOnWith(onward)
      const step = await stepAwaiting(session, run, name)
      const programFor = await lookForCode(session, run)
      const { status } = await session.client.runs.signal(run, name, value, { id })
      if (json) terminal.json({ run, name, id, status })
      else if (status === 'late') terminal.say(`${run} took another answer to ${name} first.`)
      else if (status === 'taken') {
        const at = step === undefined ? '' : ` at step \`${step}\``
        const next = (await programFor()) ?? `To follow the ${goal === undefined ? 'run' : 'goal'}:\n  ${onward}`
        terminal.say(`${run} received ${shown(name, value)}${at}. ${next}`)
      } else if (step !== undefined)
        terminal.say(
          `${run} keeps it for step \`${step}\`, until a program with the code that judges it opens the folder.`,
        )
      else
        terminal.say(
          `No step of ${run} waits for ${name} yet; it is kept until one does.${await othersIn(session, run)}`,
        )
      return status === 'late' ? 1 : 0
    })
  },
})

async function stepAwaiting({ client }: Session, run: string, name: string): Promise<string | undefined> {
  const items = await client.inbox.list({ run })
  return items.find((item) => item.run === run && item.signal === name)?.step
}

/** ms within which a step finds out that its process lacks the code of its tool, and between two looks. */
const CODE_WITHIN_MS = 2_000
const LOOK_MS = 50

/**
 * Looks before an answer whether this process lacks the code of the next call: the process that has it may end with the
 * run. The function that it gives resolves with advice to start the program, if the call waits for it.
 */
export async function lookForCode({ client }: Session, run: string): Promise<() => Promise<string | undefined>> {
  const baseOf = (tool: string) => tool.split(':')[0]!
  const known = new Set((await client.catalogue.tools()).map(({ name }) => baseOf(name)))
  const { steps } = await client.runs.get(run)
  const lacks = Object.values(steps).some(({ tool, status }) => {
    return tool !== null && !known.has(baseOf(tool)) && !ENDED.has(status)
  })
  return async () => {
    for (let left = lacks ? CODE_WITHIN_MS : 0; left > 0; left -= LOOK_MS) {
      const item = (await client.inbox.list({ run })).find(({ kind }) => kind === 'code')
      if (item) return `${item.title} Start the program.`
      await sleep(LOOK_MS)
    }
    return undefined
  }
}

const ENDED: ReadonlySet<string> = new Set(['completed', 'failed', 'skipped', 'cancelled', 'undone'])

const shown = (name: string, value: Json) => (value === null ? `\`${name}\`` : `\`${oneLine(asText(value), 60)}\``)

/** The goal that a run works for; undefined if there is none. */
export async function goalOf({ client }: Session, run: string): Promise<string | undefined> {
  const { goal } = goalInRunId(run) ?? {}
  if (goal === undefined) return undefined
  return (await client.goals.get(goal).catch(unlessMissing))?.id
}

/** The signals that steps wait for now, as a hint for a wrong name. */
async function othersIn({ client }: Session, run: string): Promise<string> {
  const items = (await client.inbox.list({ run })).filter(({ kind }) => !['money', 'provider', 'code'].includes(kind))
  const names = new Set(items.map(({ signal }) => signal))
  return names.size === 0 ? '' : `\n  Signals that steps wait for: ${[...names].join(', ')}`
}

/** A value that looks like JSON must be JSON; anything else is a text. */
export function readValue(given: string | undefined): Json {
  if (given === undefined) return null
  try {
    return parseExact(given) as Json
  } catch (cause) {
    if (!/^\s*["[{]/.test(given)) return given
    throw new InvalidError(`The value is not JSON: ${(cause as Error).message}.`, {
      hint: 'Quote it for your shell: antiphon signal RUN NAME \'{"action": "approve"}\'',
      cause,
    })
  }
}
