import { randomUUID } from 'node:crypto'
import type { WorkRef } from '../../../house/actors.ts'
import { isStep } from '../../../inbox/room/port.ts'
import { present } from '../../../lib/json/present.ts'
import { SETTLEMENTS, type Settlement } from '../../../step/messages/settlement.ts'
import { resolveWork } from '../../arguments/ids.ts'
import { AS_OPTION } from '../../arguments/options.ts'
import { command } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { itemsOf } from './inbox.ts'
import { goalOf, lookForCode, readValue } from './signal.ts'

export const settleCommand = command({
  name: 'settle',
  about:
    'Say whether a call that was cut off took place. `done` records the outcome, and the run continues. `not-done` makes the call now, under its key. `fail` fails the step.',
  args: [
    ['<work>', 'id of a run or a goal, or "last" for the newest run'],
    ['<step>', 'id of the step; for a goal the call, such as call_1'],
    ['<outcome>', 'what you found', { choices: SETTLEMENTS }],
  ],
  options: [
    ['--result <json>', 'with done: what the call returned, as JSON or plain text (default: null)'],
    ['--id <id>', 'settle only once, even if this command is repeated with the same id'],
    AS_OPTION,
    ['--json', 'print the result as JSON'],
  ],
  at: 'server',
  examples: [
    'settle run_3xJd0vQ pay done --result \'{"receipt": 17}\'',
    'settle run_3xJd0vQ pay not-done',
    'settle goal_3xJd0vQ call_1 fail',
  ],
  run(cli, work, step, outcome, { id = `sig_${randomUUID()}`, result, json, ...where }) {
    const { terminal } = cli
    const settlement = result === undefined ? { outcome } : { outcome, result: readValue(result) }
    const command = `antiphon settle ${work} ${step} ${outcome}`
    return withRuntime(cli, { command, ...where }, async (session) => {
      const { client } = session
      const of = await resolveWork(client, work, ['run', 'goal'])
      const goal = of.kind === 'goal' ? of.id : await goalOf(session, of.id)
      const onward =
        goal === undefined
          ? session.command(outcome === 'fail' ? 'show' : 'resume', of.id)
          : session.command('agent', 'resume', goal)
      session.goOnWith(onward)
      const programFor = outcome === 'not-done' && of.kind !== 'goal' ? await lookForCode(session, of.id) : undefined
      const key = await keyOfCall(session, of, step)
      const room = of.kind === 'goal' ? client.goals : client.runs
      const { status } = await room.settle(of.id, step, settlement, { id })
      if (json) terminal.json({ [of.kind]: of.id, step, id, status, ...present({ idempotencyKey: key }) })
      else if (status === 'late') terminal.say(`Somebody else settled \`${step}\` of ${of.id} first.`)
      else {
        const program = await programFor?.()
        const isStopped = goal !== undefined && OVER.includes((await client.goals.get(goal)).status)
        const words =
          isStopped && outcome === 'not-done' ? `The call of \`${step}\` was not made.` : WORDS[outcome](step)
        if (key !== undefined) terminal.say(`The idempotency key of the call is ${key}.`)
        terminal.say(`${words} ${program ?? `${nextOf(outcome, goal)}:\n  ${onward}`}`)
      }
      return status === 'late' ? 1 : 0
    })
  },
})

// to resume a failed run would make the call again
const nextOf = (outcome: Settlement['outcome'], goal: string | undefined) =>
  goal === undefined ? `To ${outcome === 'fail' ? 'see' : 'follow'} the run` : 'To follow the goal'

const OVER: readonly string[] = ['completed', 'failed', 'cancelled']

const WORDS: { readonly [outcome in Settlement['outcome']]: (step: string) => string } = {
  done: (step) => `The call of \`${step}\` counts as done.`,
  'not-done': (step) => `The call of \`${step}\` is made now.`,
  fail: (step) => `The call of \`${step}\` counts as failed.`,
}

/** Items of a run or a goal among which a call is looked for. */
const MAX_LOOKED_AT = 1000

/** The key of the call, by which the other service knows it; undefined if the call is not in doubt. */
async function keyOfCall({ client }: Session, work: WorkRef, call: string): Promise<string | undefined> {
  const items = (await itemsOf(client, work, MAX_LOOKED_AT)).filter(isStep)
  return items.find(({ step }) => step === call)?.idempotencyKey
}
