import { periodOf } from '../../../budget/period.ts'
import { readScope } from '../../../budget/scope.ts'
import type { Problem } from '../../../errors.ts'
import { KIND, type WorkRef, workOf } from '../../../house/actors.ts'
import type { Client } from '../../../http/client/client.ts'
import { parseRef } from '../../../kernel/ref.ts'
import { causeLines } from '../../../lib/stack.ts'
import type { Hold, Why } from '../../../runtime/ports/inspector.ts'
import { readRef } from '../../arguments/ids.ts'
import { command } from '../../cli.ts'
import { withReader } from '../../connect/session.ts'
import type { Stall } from '../../progress/stalls.ts'
import { answerCommand, newCodeOf, type Tell } from '../../render/answer-command.ts'
import type { Colors } from '../../terminal/escape.ts'
import { formatCount, formatDuration, localTime, oneLine, statusText } from '../../terminal/format.ts'
import { type Explained, type Spans, said, sayBeforeBegin, sayEffect, sayLeft } from './say-effect.ts'

export const whyCommand = command({
  name: 'why',
  about:
    'Explain what a run, a question or an actor waits for. Also shows how long it has waited, and how it can continue.',
  args: [['<ref>', 'id of a run, an open question or a thread, or KIND/KEY of an actor']],
  options: [['--json', 'print it as JSON']],
  at: 'server',
  examples: ['why run_3xJd0vQ', 'why chain/main', 'why step/run_3xJd0vQ.summary --json'],
  run(cli, ref, { json = false, ...where }) {
    const { terminal } = cli
    return withReader(cli, { command: 'antiphon why', ...where }, async ({ client, command }) => {
      const answer = await readRef(client, ref, client.inspector.why)
      if (json) terminal.json(answer)
      else {
        const answers = await answersTo(client, answer, command)
        terminal.lines(whyLines(answer, { now: Date.now(), command, answers, colors: terminal.outColors }))
        terminal.lines(await reducedLines(client, answer))
      }
      return 0
    })
  },
})

/** The files that the model of a goal did not get in its newest round, and why. */
async function reducedLines({ goals }: Pick<Client, 'goals'>, { of }: Why): Promise<readonly string[]> {
  const goal = of.startsWith(GOAL) ? of.slice(GOAL.length) : undefined
  if (goal === undefined) return []
  const { reduced = [] } = (await goals.get(goal)).rounds.at(-1) ?? {}
  return reduced.map(({ name, why }) => `its model did not get the file ${oneLine(name, 80)}: ${oneLine(why, 160)}`)
}

const GOAL = `${KIND.goal}/`

/** The commands that answer the signals of an explanation, as the inbox shows them, by run and signal. */
async function answersTo(client: Pick<Client, 'inbox'>, why: Why, command: Tell): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>()
  for (const run of new Set(runsAsking(why)))
    for (const item of await client.inbox.list({ run }))
      answers.set(answerKey(item.run, item.signal), answerCommand(item, command))
  return answers
}

const runsAsking = ({ holds, waitsFor }: Why): readonly string[] => [
  ...holds.flatMap((hold) => (hold.type === 'signal' && hold.run !== undefined ? [hold.run] : [])),
  ...waitsFor.flatMap(runsAsking),
]

const answerKey = (run: string, signal: string) => `${run}/${signal}`

/** Context of the sentences: the time, and commands as a person types them. */
type Telling = {
  readonly now: number
  readonly colors: Colors
  /** the commands that answer signals, by run and signal */
  readonly answers?: ReadonlyMap<string, string>
  command(...args: readonly string[]): string
}

/** The lines of `why`: each actor, its wait, how it can continue, and below it the actors that it waits for. */
export const whyLines = (why: Why, telling: Telling): readonly string[] => lines(why, telling, why)

function lines(why: Why, telling: Telling, root: Why): readonly string[] {
  const { colors, now } = telling
  const reasons = why.holds.length === 0 ? [NOTHING] : why.holds.map((hold) => sayHold(hold, why, telling, root))
  const letters = root === why ? why.letters : []
  return [
    `${colors.bold(why.of)}  ${statusText(why.status)}`,
    ...reasons.flatMap(({ facts, onward }) => [
      ...facts.map((fact) => `  ${fact}`),
      ...(onward ? [`  → ${onward}`] : []),
    ]),
    ...letters.flatMap(({ id, at, to, problem }) => [
      `  dead letter ${id} to ${to}, ${formatDuration(now - at)} old: ${said(problem)}`,
      `  → to send it again: ${telling.command('deadletters', 'retry', id)}`,
    ]),
    ...why.waitsFor.flatMap((other) => lines(other, telling, root).map((line) => `  ${line}`)),
    ...(why.more > 0 ? [`  … and ${why.more} more`] : []),
  ]
}

/** The waits of other work, as of a conversation, that a run waits for and that do not end by themselves. */
export function stallsElsewhere(why: Why, run: string, telling: Telling, root = why): readonly Stall[] {
  const key = why.of.slice(why.of.indexOf('/') + 1)
  const isOwn = `${key}.`.startsWith(`${run}.`)
  const own = why.holds
    .filter(({ type }) => !isOwn && ENDLESS.has(type))
    .map((hold): Stall => {
      const { facts, onward } = sayHold(hold, why, telling, root)
      const line = `  ▸ ${why.of} ${facts.join(' ')}${onward ? `; ${onward}` : ''}`
      return { key: `${why.of} ${hold.type}`, line }
    })
  return [...own, ...why.waitsFor.flatMap((other) => stallsElsewhere(other, run, telling, root))]
}

const ENDLESS: ReadonlySet<Hold['type']> = new Set(['signal', 'decision', 'goal', 'budget', 'code'])

const WITH_CODE = 'continues when a program with such code opens the folder, or a command that finds it by `app: FILE`'
const RESUMED = 'continues when one of its dead letters is sent again'

const NOTHING: Explained = { facts: ['has no work'], onward: 'continues with its next message' }

/** A call that has started a run which waits for it. */
const sayCircle = (run: string, { colors, command: tell }: Telling): Explained => ({
  facts: [colors.red(`its call has started ${run}, which waits for it: neither ends if the call waits for that run`)],
  onward: `to end the wait: ${tell('cancel', run)}`,
})

function sayHold(hold: Hold, why: Why, telling: Telling, root: Why): Explained {
  const ago = (at: number) => formatDuration(Math.max(0, telling.now - at))
  const ahead = (at: number) => formatDuration(Math.max(0, at - telling.now))
  switch (hold.type) {
    case 'effect':
      return sayEffect(hold, ago, ahead)
    case 'turn':
      return {
        facts: [`processes a message of ${hold.work.id}, sent ${ago(hold.since)} ago`],
        onward: 'continues when the turn ends',
      }
    case 'mail':
      return {
        facts: [`${formatCount(hold.count, 'message')} in its mailbox, the oldest one for ${ago(hold.since)}`],
        onward: 'continues by itself',
      }
    case 'left':
      return { facts: sayLeft(hold, why.holds, ago), onward: takeUp(hold.work, root, telling) }
    case 'overdue':
      return {
        facts: [
          `${hold.what} did not stop at its timeout, ${ago(hold.since)} ago, and holds a place of the pool ${hold.pool}`,
        ],
        onward: 'the place is free when the call ends',
      }
    case 'timer':
      return { facts: [`timer ${hold.timer || '(delayed message)'} fires in ${ahead(hold.until)}`] }
    case 'stands':
      return { facts: [oneLine(hold.says, 500)] }
    case 'duty':
      return sayDuty(hold, ago, ahead)
    case 'provider':
      return {
        facts: [`${waited(hold.since, ago)} for the provider of its model`],
        onward: 'asks again by itself, as long as its patience lasts',
      }
    case 'code': {
      const { title, adopting } = newCodeOf(hold.title ?? '', telling.command)
      const texts = [title, ...(hold.hint ?? '').split('\n')].filter(Boolean).map((line) => oneLine(line, 500))
      const facts = [`${waited(hold.since, ago)} for other code`, ...texts]
      return { facts, onward: adopting ? `to continue: ${adopting}` : WITH_CODE }
    }
    case 'signal':
      return {
        facts: [`${waited(hold.since, ago)} for the signal \`${hold.name}\``],
        onward: sayAnswer(hold, telling),
      }
    case 'budget':
      return {
        facts: [`${waited(hold.since, ago)} for a budget increase: the budget ${hold.name} has too little left`],
        onward: `${byItself(hold.name)}to continue: ${telling.command('budget', 'raise', hold.name, 'DOLLARS')} (to see the budget: ${telling.command('budget', 'show', hold.name)})`,
      }
    case 'decision':
      return {
        facts: [`the question ${hold.name} ${waited(hold.since, ago)} for a decision`],
        onward: `to continue: ${telling.command('decide', hold.name, 'accept')} (to see the proposal: ${telling.command('inbox')})`,
      }
    case 'goal':
      return sayGoal(hold, why.of.slice(why.of.indexOf('/') + 1), telling)
    case 'start':
    case 'queue':
      return sayBeforeBegin(hold, why.holds, ahead)
    case 'history':
      return {
        facts: [`has begun ${hold.operations} of the ${hold.most} operations that its history may have`],
        onward:
          'stops at the last one: give work without an end to ctx.loop, which drops the history of each iteration',
      }
    case 'others':
      return { facts: [`${waited(hold.since, ago)} for ${formatCount(why.waitsFor.length + why.more, 'actor')}`] }
    case 'circle':
      return sayCircle(hold.run, telling)
    case 'stranded':
      return {
        facts: [telling.colors.red('nothing will ever wake it')],
        onward: `this is a bug; please report it with the output of: ${telling.command('actors', 'show', why.of, '--json')}`,
      }
    case 'over':
      return {
        facts: [
          `waits for nothing; it ended${hold.at === undefined ? '' : ` at ${localTime(hold.at)}`}${because(hold.problem)}`,
          ...(hold.failedHandlers ?? []).map(({ by, problem }) => `${oneLine(by, 60)} failed, too: ${said(problem)}`),
        ],
        ...detailsOf(why.of, telling),
      }
    case 'failed':
      return { facts: [`accepts no messages${because(hold.problem)}`], onward: RESUMED }
    case 'quarantined':
      return {
        facts: [`its state cannot be read${because(hold.problem)}`],
        onward: 'continues with code that can read it',
      }
    case 'halted':
      return {
        facts: [`is stopped and keeps its state${because(hold.problem)}`],
        onward: 'continues with its next message',
      }
    case 'gone':
      return { facts: ['does not exist, or was removed'] }
  }
}

function sayDuty(
  { name, ran, did, failed, until }: Extract<Hold, { type: 'duty' }>,
  ago: Spans,
  ahead: Spans,
): Explained {
  const counts = Object.entries(did?.counts ?? {}).map(([what, count]) => `${what} ${count}`)
  const last = did ? `; its last work, ${ago(did.at)} ago: ${counts.join(', ')}` : ''
  const failure = failed ? [`failed with ${failed.code} (${formatCount(failed.attempts, 'time')} in a row)`] : []
  return {
    facts: [`${name} ${ran === undefined ? 'has not run yet' : `ran ${ago(ran)} ago`}${last}`, ...failure],
    onward: until === undefined ? 'runs after the next write' : `runs again in ${ahead(until)}`,
  }
}

/** Options that raise a limit by a usual amount. */
const RAISES = { rounds: '--rounds 10', tokens: '--tokens 200000', deadline: '--minutes 30' } as const

function sayGoal(
  { reason, title: asked, since, limit }: Extract<Hold, { type: 'goal' }>,
  goal: string,
  { command, now }: Telling,
): Explained {
  const ago = since === undefined ? '' : ` (for ${formatDuration(Math.max(0, now - since))})`
  const { title, adopting = command('agent', 'resume', goal) } = newCodeOf(asked, command)
  const facts = [`waits${ago}: ${oneLine(title, 500)}`]
  if (reason === 'health') return { facts, onward: 'continues by itself when its process is well' }
  if (reason === 'unknown')
    return {
      facts,
      onward: `to continue: ${command('agent', 'tell', goal, 'WHAT_YOU_FOUND')}, then ${command('agent', 'resume', goal)}`,
    }
  const more = limit && command('agent', 'resume', goal, ...RAISES[limit].split(' '))
  return { facts, onward: `to continue: ${more ?? adopting}` }
}

function sayAnswer(
  { run, name, url, looks }: Extract<Hold, { type: 'signal' }>,
  { answers, command }: Telling,
): string {
  if (run === undefined) return 'continues when it gets the signal'
  if (looks) return 'continues by itself once the look-up of its call has found out whether it took place'
  const answer = answers?.get(answerKey(run, name)) ?? command('signal', run, name, 'JSON')
  if (!url) return `to continue: ${answer} (to see the question: ${command('inbox')})`
  return `continues when a machine sends its JSON to the address of the wait; an admin may do so: ${answer}`
}

function detailsOf(of: string, { command }: Telling): Pick<Explained, 'onward'> {
  const { kind, key } = parseRef(of)
  if (kind === KIND.run) return { onward: `to see its steps: ${command('show', key)}` }
  return kind === KIND.goal ? { onward: `to see its rounds and calls: ${command('agent', 'show', key)}` } : {}
}

/** A budget per day or hour starts again by itself. */
function byItself(scope: string): string {
  const period = periodOf(readScope(scope))
  return period === undefined ? '' : `continues with the next ${period} (UTC); or `
}

function takeUp(own: WorkRef, root: Why, { command }: Telling): string {
  const of = parseRef(root.of)
  const { kind, id } = workOf(of) ?? own
  if (of.kind === 'memory') return `continues with the next command of memory, or to continue: ${command('serve')}`
  if (of.kind === KIND.thread || of.kind === KIND.phase || kind === 'ask') return `to continue: ${command('serve')}`
  if (kind === 'goal') return `to continue: ${command('agent', 'resume', id)}`
  if (kind !== 'message') return `to continue: ${command('resume', id)}`
  return 'continues when a program that defines such actors owns the folder and starts its engine'
}

const waited = (at: number | undefined, ago: Spans) => (at === undefined ? 'waits' : `has waited ${ago(at)}`)
const because = (problem: Problem | undefined) =>
  problem ? [`: ${said(problem)}`, ...causeLines(problem.stack)].join(', ') : ''
