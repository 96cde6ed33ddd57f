import type { AskTrace } from '../../../thread/room/port.ts'
import { usageFacts } from '../../render/facts.ts'
import { placeOf, quotesOf } from '../../render/print.ts'
import type { Colors } from '../../terminal/escape.ts'
import { formatCost, formatCount, formatDuration, localTime, oneLine } from '../../terminal/format.ts'
import { linesOf } from '../answer/inbox.ts'

type Shown = { readonly colors: Colors; readonly folder: string; command(...args: readonly string[]): string }

/** An ask as lines: what it waits for, its answer, its parts, then what each phase did, found and cost. */
export function traceLines(trace: AskTrace, { colors, folder, command }: Shown): readonly string[] {
  const { prompt, id, problem, goal, degraded, answer, parts = [], checks = [], receipts, waits = [] } = trace
  const status = waits.length > 0 ? 'waiting' : trace.status
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', colors.bold(title), ...lines.map((line) => `  ${line}`)]
  const cited = new Set(trace.citations.map(({ vid }) => vid))
  return [
    `${colors.bold(oneLine(prompt, 80))}  ${status === 'failed' ? colors.red(status) : status}  ${id}`,
    factsOf(trace).join(' · '),
    ...(problem ? [colors.red(oneLine(problem.message, 400)), ...(problem.hint ? [`  ${problem.hint}`] : [])] : []),
    ...section(
      'Waits',
      waits.flatMap((item) => linesOf(item, command, false)),
    ),
    ...section('Answer', shownMarks(answer).split('\n').filter(Boolean)),
    ...section(
      'Sources',
      trace.citations.flatMap(quotesOf).map((quote) => citedLine(quote, folder)),
    ),
    ...section('Parts', parts.map(partLine)),
    ...section('Checks', checks.flatMap(checkLines)),
    ...section('Phases', goal === undefined ? [] : [`the goal answers: ${command('agent', 'show', goal)}`]),
    ...(goal === undefined
      ? section(
          'Phases',
          trace.phases.flatMap((phase) => phaseLines(phase, cited, folder, status)),
        )
      : []),
    ...section('Decisions', trace.decisions.map(decisionLine)),
    ...section(
      'Degraded',
      degraded.map(({ phase, reason }) => `${phase}: ${oneLine(reason, 400)}`),
    ),
    ...section(
      'Receipts',
      receipts.map(({ op, n, hash }) => `${op}  entry ${n}  ${hash}`),
    ),
  ]
}

const shownMarks = (answer: string) => answer.replace(/<vid>([^<\n]*)<\/vid>/g, '[$1]')

function factsOf({ thread, domain, askedAt, endedAt, cycles, shared, usage, cost, budget }: AskTrace) {
  return [
    `thread ${thread}`,
    ...(domain === undefined ? [] : [`domain ${domain}`]),
    `asked ${localTime(askedAt)}${endedAt === undefined ? '' : `, took ${formatDuration(endedAt - askedAt)}`}`,
    formatCount(cycles, 'cycle'),
    ...(shared ? [shared === 'agreed' ? 'shared, as its owner has agreed' : 'shared'] : []),
    ...usageFacts({ ...usage, ...(cost !== undefined && { cost }) }),
    ...(budget ? [`${formatCost(budget.spent)} of ${formatCost(budget.limit)} spent on this thread`] : []),
  ]
}

function partLine({ question, answered, cites }: NonNullable<AskTrace['parts']>[number]): string {
  const end = answered ? cites.map((vid) => `[${vid}]`).join(' ') : 'no text answers this'
  return `${answered ? '✓' : '-'} ${oneLine(question, 120)}  ${end}`.trimEnd()
}

const checkLines = ({ check, faults }: NonNullable<AskTrace['checks']>[number]) => [
  `${faults.length === 0 ? '✓' : '✗'} ${check}`,
  ...faults.map((fault) => `    ${oneLine(fault, 200)}`),
]

const decisionLine = ({ cycle, decision, target, reason }: AskTrace['decisions'][number]) =>
  `cycle ${cycle}: ${decision}${target === undefined ? '' : ` to ${target}`}: ${oneLine(reason, 200)}`

type Phase = AskTrace['phases'][number]

function phaseLines(phase: Phase, cited: ReadonlySet<string>, folder: string, ask: string): readonly string[] {
  const { status, cycle, model, ms, usage, cost, hits = [], calls = [], problem, text = '' } = phase
  const facts = [
    `cycle ${cycle}`,
    ...(status === 'completed' ? [] : [status === 'running' ? ask : status]),
    ...(ms === undefined ? [] : [formatDuration(ms)]),
    ...(model === '' ? [] : [model]),
    ...(usage ? usageFacts({ ...usage, ...(cost !== undefined && { cost }) }) : []),
  ]
  // the hits and the answer are shown themselves
  const found = hits.length > 0 || phase.phase === 'yield' ? '' : oneLine(text, 160)
  return [
    `${MARKS[status]} ${phase.phase.padEnd(18)}  ${facts.join(' · ')}`,
    ...[problem?.message ?? found].filter(Boolean).map((line) => `    ${oneLine(line, 200)}`),
    ...calls.map(({ tool, status, run }) => `    ${tool} ${status}${run === undefined ? '' : `  ${run}`}`),
    ...hits.map((hit) => `  ${cited.has(hit.vid) ? '*' : ' '} ${hitLine(hit, folder)}`),
  ]
}

const citedLine = (quote: AskTrace['citations'][number], folder: string) =>
  `${`[${quote.vid}]`.padEnd(5)} ${placeOf(quote, folder)}  ${oneLine(quote.text, 80)}`

const hitLine = (hit: NonNullable<Phase['hits']>[number], folder: string) =>
  `${hit.vid.padEnd(4)} ${hit.score.toFixed(2)}  ${placeOf(hit, folder)}  ${oneLine(hit.text, 80)}`

const MARKS: { readonly [status in Phase['status']]: string } = {
  running: '▸',
  completed: '✓',
  degraded: '!',
  failed: '✗',
  skipped: '-',
}
