import type { WorkRef } from '../../../house/actors.ts'
import type { Client } from '../../../http/client/client.ts'
import { type InboxQuery, isFact, isGoal, isStep, type StepItem } from '../../../inbox/room/port.ts'
import { asText } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import { LOCAL_OWNER } from '../../../lib/owner.ts'
import type {
  AskItem,
  AskMoneyItem,
  AskProviderItem,
  ConsentItem,
  FactItem,
  GoalItem,
  InboxItem,
} from '../../../thread/room/documents/inbox.ts'
import { scopeAwaited } from '../../../work/wait.ts'
import { resolveWork } from '../../arguments/ids.ts'
import { command } from '../../cli.ts'
import { limitOption } from '../../client-command.ts'
import { withReader } from '../../connect/session.ts'
import { answerCommand, newCodeOf, raising, type Tell } from '../../render/answer-command.ts'
import { outputsText, showList } from '../../render/print.ts'
import { fileLine, formatCount, formatDuration, localTime, oneLine } from '../../terminal/format.ts'

export const inboxCommand = command({
  name: 'inbox',
  about:
    'List what waits for an answer, a decision or a budget. Each item is shown with the command that answers it. Items are questions and approvals of runs, signals that runs wait for, decisions on questions, consent to summaries, budgets, and proposed facts.',
  args: [['[work]', 'only items of this run or goal, with their whole content']],
  options: [
    ['--agent <name>', 'only what waits for this agent'],
    ['--tool <name>', 'only calls of this tool, such as filesystem:write'],
    ['--owner <name>', 'only of this owner'],
    ['--json', 'print them as JSON'],
    limitOption('items', 50),
  ],
  at: 'server',
  examples: ['inbox', 'inbox --tool refund', 'inbox run_3xJd0vQ', 'inbox goal_3xJd0vQ --json'],
  run(cli, given, { json, limit, agent, tool, owner, ...where }) {
    const { terminal } = cli
    const filter = present({ agent, tool, owner })
    const show = (items: readonly InboxItem[], command: Tell): number => {
      const print = () => terminal.lines(items.flatMap((item) => linesOf(item, command, given !== undefined)))
      return showList(terminal, items, { json, limit, none: 'Nothing waits for an answer here.', print })
    }
    return withReader(
      cli,
      { command: 'antiphon inbox', ...where, ...(given === undefined && { empty: () => show([], () => '') }) },
      async ({ client, command, isAway }) => {
        // on a server, only an admin may see the status
        const { engine } = given === undefined && !isAway ? await client.status() : {}
        if (engine && engine.cutOff > 0) terminal.say(cutOffText(engine.cutOff))
        if (given === undefined) return show(await client.inbox.list({ limit, ...filter }), command)
        return show(await itemsOf(client, await resolveWork(client, given, ['run', 'goal']), limit, filter), command)
      },
    )
  },
})

/** Calls that no process looks after now. */
const cutOffText = (count: number) =>
  `${formatCount(count, 'at-most-once call')} ${count === 1 ? 'was' : 'were'} cut off when the process ended. When the program starts again, it looks at them, and each unknown outcome waits here.`

/** The items of a run, or of a goal and its runs. NotFoundError if there is neither: that is not an empty list. */
export async function itemsOf(
  client: Client,
  { kind, id }: WorkRef,
  limit: number,
  filter: Pick<InboxQuery, 'agent' | 'tool' | 'owner'> = {},
): Promise<readonly InboxItem[]> {
  const items = await client.inbox.list({ limit, [kind]: id, ...filter, content: 'whole' })
  if (items.length === 0) await (kind === 'goal' ? client.goals : client.runs).get(id)
  return items
}

const MAX_CONTENT_LINES = 20
const MAX_LINE = 160

/** An item as people read it. `whole`: its content is not cut. */
export function linesOf(item: InboxItem, command: Tell, whole: boolean): readonly string[] {
  if (isStep(item)) return stepLines(item, command, whole)
  if (isGoal(item)) return goalLines(item, command)
  if (isFact(item)) return factLines(item, command)
  if (item.kind === 'money') return moneyLines(item, command)
  if (item.kind === 'provider') return providerLines(item, command)
  return item.kind === 'consent' ? consentLines(item, command) : askLines(item, command)
}

function goalLines({ goal, agent, since, title: asked, signal }: GoalItem, command: Tell): readonly string[] {
  const scope = signal === undefined ? undefined : scopeAwaited(signal)
  const { title, adopting = command('agent', 'resume', goal) } = newCodeOf(asked, command)
  return [
    `goal ${goal} of ${agent}, waiting for ${formatDuration(Math.max(0, Date.now() - since))}`,
    `  ${oneLine(title, 200)}`,
    `  → ${scope === undefined ? adopting : raising(scope, command)}`,
  ]
}

function factLines(
  { record, owner, space, source, subject, text, against, isOver }: FactItem,
  command: Tell,
): readonly string[] {
  const named = owner === LOCAL_OWNER ? [] : ['--owner', owner]
  return [
    `fact ${record} for ${space === '' ? '/' : space}, proposed by ${nameOfSource(source)}`,
    `  ${oneLine(subject ?? '', 200)}`,
    ...(text ?? '')
      .split('\n')
      .slice(0, MAX_CONTENT_LINES)
      .map((line) => `  | ${indentedLine(line)}`),
    ...(against ? [`  it would end: ${oneLine(against.text, MAX_LINE)} (from ${nameOfSource(against.source)})`] : []),
    ...(isOver ? ['  it would only be history: a newer fact holds, or its time is over'] : []),
    `  → ${command('memory', 'accept', record, ...named)}`,
    `  → ${command('memory', 'decline', record, ...named)}`,
  ]
}

const nameOfSource = ({ type, ref, run }: FactItem['source']) => [type, ref, run].filter(Boolean).join(' ')

function moneyLines({ thread, ask, since, title, signal }: AskMoneyItem, command: Tell): readonly string[] {
  return [
    `question ${ask} on ${thread}, waiting for a budget increase for ${formatDuration(Math.max(0, Date.now() - since))}`,
    `  ${oneLine(title, 200)}`,
    `  → ${raising(scopeAwaited(signal)!, command)}`,
  ]
}

function providerLines({ thread, ask, since, title, until }: AskProviderItem, command: Tell): readonly string[] {
  return [
    `question ${ask} on ${thread}, waiting for its provider for ${formatDuration(Math.max(0, Date.now() - since))}`,
    `  ${oneLine(title, 200)}`,
    `  it asks again at ${localTime(until)}; to cancel it: ${command('cancel', ask)}`,
  ]
}

function askLines({ thread, ask, since, title, proposal, expects }: AskItem, command: Tell): readonly string[] {
  const { cycle, confidence, gaps } = proposal
  const waits = formatDuration(Math.max(0, Date.now() - since))
  return [
    `question ${ask} on ${thread}, waiting for a decision for ${waits}, after cycle ${cycle}`,
    `  ${oneLine(title, 200)} (confidence ${confidence})`,
    ...gaps.map((gap) => `  | ${oneLine(gap, 160)}`),
    `  one of ${expects.choices.join(', ')}`,
    `  → ${command('decide', ask, 'accept')}`,
  ]
}

function consentLines({ thread, ask, since, title, messages, expects }: ConsentItem, command: Tell): readonly string[] {
  return [
    `question ${ask} on ${thread}, asked for consent ${formatDuration(Math.max(0, Date.now() - since))} ago; it continues meanwhile`,
    `  ${title}`,
    ...messages.map(({ message, length, text }) => `  | ${message} (${length} characters): ${oneLine(text, 120)}`),
    `  one of ${expects.choices.join(', ')}`,
    ...messages.map(({ message }) => `  → ${command('consent', ask, String(message), 'summarise')}`),
  ]
}

function stepLines(item: StepItem, command: Tell, whole: boolean): readonly string[] {
  const { run, step, content, since, until, expects } = item
  const { title, adopting } = newCodeOf(item.title, command)
  const now = Date.now()
  if (item.kind === 'code')
    return [
      `step ${step} of ${run}, waiting for its code for ${formatDuration(Math.max(0, now - since))}`,
      `  ${oneLine(title, 200)}`,
      ...purposeOf(item),
      ...(adopting ? [`  → ${adopting}`] : []),
      `  to cancel the run: ${command('cancel', run)}`,
    ]
  if (expects.type === 'nothing')
    return [
      `step ${step} of ${run}, waiting for its provider for ${formatDuration(Math.max(0, now - since))}`,
      `  ${oneLine(title, 200)}`,
      `  it asks again at ${localTime(until ?? now)}; to cancel the run: ${command('cancel', run)}`,
    ]
  const isApproval = item.kind === 'approval'
  const limit = until === undefined ? '' : `, ${formatDuration(Math.max(0, until - now))} left`
  const text = content === undefined ? [] : outputsText(content).split('\n')
  const shown = whole ? text : text.slice(0, MAX_CONTENT_LINES).map(indentedLine)
  const more = text.length - shown.length
  const isCut =
    more > 0 || (!whole && (item.length !== undefined || shown.some((line, at) => line.length < text[at]!.length)))
  return [
    `step ${step} of ${run}, waiting ${expects.type === 'money' ? 'for a budget increase ' : ''}for ${formatDuration(Math.max(0, now - since))}${limit}`,
    `  ${oneLine(title, 200)}`,
    ...purposeOf(item),
    ...arrivedLines(item),
    ...shown.map((line) => `  | ${line}`),
    ...(more > 0 ? [`  | … and ${formatCount(more, 'more line')}`] : []),
    ...(isCut ? [`  to see all of it: ${command('inbox', run)}`] : []),
    ...(item.files ?? []).map((file) => `  ${fileLine(file)} → ${command('files', 'open', file.file)}`),
    ...questionsOf(expects),
    // a call must be shown before it is approved
    ...(isCut && isApproval ? [] : [`  → ${answerCommand(item, command)}`]),
  ]
}

/** The signals that came for a step, which its code has not judged or does not take. */
const arrivedLines = ({ arrived = [] }: StepItem) =>
  arrived.map(({ at, problem }) => {
    const why = problem === undefined ? 'waits for the code that judges it' : `does not fit: ${oneLine(problem, 200)}`
    return `  a signal of ${localTime(at)} ${why}`
  })

/** The purpose of the call, and its key at the other service. */
function purposeOf({ owner, agent, conversation, context, ...item }: StepItem): readonly string[] {
  const facts = [
    agent !== undefined && `agent ${agent}`,
    conversation !== undefined && `conversation ${oneLine(conversation, 60)}`,
    owner !== LOCAL_OWNER && `for ${owner}`,
  ].filter((fact) => typeof fact === 'string')
  return [
    ...(facts.length > 0 ? [`  ${facts.join(', ')}`] : []),
    ...(context === undefined ? [] : [`  context: ${oneLine(asText(context), 300)}`]),
    ...(item.lastMessage === undefined ? [] : [`  they wrote last: “${oneLine(item.lastMessage, MAX_LINE)}”`]),
    ...(item.sentAt === undefined ? [] : [`  sent at ${localTime(item.sentAt)}`]),
    ...(item.lastWords === undefined ? [] : [`  last words of the service: ${oneLine(item.lastWords, MAX_LINE)}`]),
    ...(item.progress === undefined ? [] : [`  it last said: ${oneLine(asText(item.progress), MAX_LINE)}`]),
    ...(item.lookedUp
      ? [`  looked up at ${localTime(item.lookedUp.at)}: ${oneLine(item.lookedUp.found, MAX_LINE)}`]
      : []),
    ...(item.idempotencyKey === undefined ? [] : [`  idempotency key ${item.idempotencyKey}`]),
  ]
}

/** A line with its indent, so that a line of a text does not look like a field beside it. */
function indentedLine(line: string): string {
  const [indent = ''] = /^ */.exec(line) ?? []
  return indent + oneLine(line, MAX_LINE - Math.min(indent.length, MAX_LINE / 2))
}

function questionsOf({ type, questions = [], choices, pattern, ...rest }: StepItem['expects']): readonly string[] {
  if (type === 'answers')
    return questions.map(
      ({ id, type: of, text, question }) =>
        `  ${asText(id ?? '')} (${asText(of ?? '')}): ${oneLine(asText(text ?? question ?? ''), 120)}`,
    )
  const facts = [
    ...(choices && ['choice', 'approval', 'settlement'].includes(type)
      ? [`one of ${choices.map((one) => oneLine(asText(one), 40)).join(', ')}`]
      : []),
    ...(pattern === undefined ? [] : [`must match ${pattern} from the start`]),
    ...(rest.default === undefined ? [] : [`an empty answer means ${oneLine(JSON.stringify(rest.default), 60)}`]),
  ]
  return facts.length === 0 ? [] : [`  ${facts.join('; ')}`]
}
