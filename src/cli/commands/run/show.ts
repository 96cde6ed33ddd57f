import { stringify } from 'yaml'
import { InvalidError } from '../../../errors.ts'
import { runRef } from '../../../house/actors.ts'
import type { Client } from '../../../http/client/client.ts'
import type { Json } from '../../../kernel/json.ts'
import { nameOf } from '../../../kernel/ref.ts'
import { causeLines } from '../../../lib/stack.ts'
import { formatSize } from '../../../lib/text/format-size.ts'
import type { RunDocument, StepDetail, StepDocument } from '../../../run/document.ts'
import type { ModelUse } from '../../../step/record/model-use.ts'
import { wordsOfWait } from '../../../work/wait.ts'
import { RUN_ARGUMENT, readTrace, resolveWork } from '../../arguments/ids.ts'
import { command } from '../../cli.ts'
import { withReader } from '../../connect/session.ts'
import { depthOf } from '../../render/print.ts'
import { saidLine } from '../../render/said.ts'
import type { Colors } from '../../terminal/escape.ts'
import { cachedText, formatCost, formatCount, formatDuration, localTime, oneLine } from '../../terminal/format.ts'
import { traceLines } from './show-ask.ts'

export const showCommand = command({
  name: 'show',
  about:
    'Show a run and its steps, or one step in full. A step is shown with its parameters, model messages, reply, attempts, error and result. A question is shown with its phases, hits, models, money, checks and decisions.',
  args: [
    ['<run>', `${RUN_ARGUMENT}; or id of a question (ask_…)`],
    ['[step]', 'id of a step of the run'],
  ],
  options: [
    ['--thread <id>', 'the thread of the question, if it is old'],
    ['--json', 'print it as JSON'],
    ['--html', 'print the whole run as one HTML file, for a ticket'],
    ['--whole <field>', 'with a step: print all of a field that its result has only in part, such as stdout'],
  ],
  at: 'server',
  examples: [
    'show last',
    'show run_3xJd0vQ summary',
    'show last summary --json',
    'show last --html > run.html',
    'show last build --whole stdout',
    'show ask_3xJd0vQ',
  ],
  run(cli, given, step, { json = false, html = false, whole, thread, ...where }) {
    const { terminal } = cli
    if (whole !== undefined && step === undefined) throw new InvalidError('--whole needs a step.')
    if (html && (json || step !== undefined)) throw new InvalidError('--html is for a whole run, without --json.')
    return withReader(cli, { command: 'antiphon show', ...where }, async ({ client, command }) => {
      const shown = { colors: terminal.outColors, folder: terminal.folder, command }
      const { kind, id: run } = await resolveWork(client, given, ['run', 'ask'], thread)
      if (kind === 'ask') {
        if (step !== undefined) throw new InvalidError('A question has no steps.')
        if (html) throw new InvalidError('--html is for a run.')
        const trace = await readTrace(client, run, thread)
        if (json) terminal.json(trace)
        else terminal.lines(traceLines(trace, shown))
        return 0
      }
      if (html) {
        terminal.data(await client.runs.page(run))
        return 0
      }
      if (whole !== undefined && step !== undefined) {
        const { text } = await client.runs.whole(run, step, whole)
        if (json) terminal.json(text)
        else terminal.data(text)
        return 0
      }
      const found = step === undefined ? await client.runs.get(run) : await client.runs.step(run, step)
      if (json) terminal.json(found)
      else if ('steps' in found)
        terminal.lines([...runLines(found, shown), ...(await codeLines(client, found, command))])
      else terminal.lines(detailLines(found, shown))
      return 0
    })
  },
})

/** Why a run of a workflow waits for other code. */
async function codeLines({ inspector }: Client, { execution_id: run, status }: RunDocument, tell: Telling['command']) {
  const { holds } = status === 'waiting' ? await inspector.why(nameOf(runRef(run))) : { holds: [] }
  const titles = holds.flatMap((hold) => (hold.type === 'code' && hold.title !== undefined ? [hold.title] : []))
  return titles.flatMap((title) => [title, `To see the ways on: ${tell('why', run)}`])
}

type Telling = { readonly colors: Colors; command(...args: readonly string[]): string }

const SHOWN_STEPS = 200

/** A run as lines: its status, then its steps as a tree; the steps of a loop stand below it. */
function runLines(run: RunDocument, { colors, command }: Telling): readonly string[] {
  const { execution_id: id, name, status, started_at, duration: took, error, error_hint: hint, degraded } = run
  const causes = causeLines(run.error_stack).map((line) => `  ${oneLine(line, 400)}`)
  const steps = Object.values(run.steps)
  const width = Math.min(40, Math.max(0, ...steps.map((step) => step.id.length)))
  const hidden = steps.length - SHOWN_STEPS
  return [
    `${colors.bold(oneLine(name, 80))}  ${paint(status, colors)}${degraded ? ', degraded' : ''}  ${id}`,
    `started ${localTime(Date.parse(started_at))}${took === null ? '' : `, took ${formatDuration(took * 1000)}`}`,
    ...(error === null
      ? []
      : [colors.red(oneLine(error, 400)), ...causes, ...(hint === undefined ? [] : [`  ${hint}`])]),
    '',
    ...steps.slice(0, SHOWN_STEPS).flatMap((step) => stepLines(step, depthOf(step, run), width, colors)),
    ...(hidden > 0 ? [`… and ${formatCount(hidden, 'more step')}: ${command('show', id, '--json')}`] : []),
    '',
    `One step in full: ${command('show', id, 'STEP')}`,
  ]
}

function stepLines(step: StepDocument, depth: number, width: number, colors: Colors): readonly string[] {
  const {
    id,
    status,
    duration: took,
    retries,
    model,
    error,
    waits_for,
    to_go_on,
    skip_reason,
    reused,
    degraded,
    lacks = [],
    said = [],
  } = step
  const facts = [
    took !== null && formatDuration(took * 1000),
    step.queued !== undefined && `${formatDuration(step.queued * 1000)} of it in a queue`,
    retries > 0 && formatCount(retries + 1, 'attempt'),
    model !== null && model,
    step.inside && insideText(step.inside),
    reused && 'reused',
    degraded && 'degraded',
    skip_reason !== null && `skipped: ${SKIPPED[skip_reason] ?? skip_reason}`,
    waits_for !== undefined && `waits for ${wordsOfWait(waits_for)}${to_go_on === undefined ? '' : ` → ${to_go_on}`}`,
  ].filter((fact) => typeof fact === 'string')
  const indent = '  '.repeat(depth)
  const mark = status === 'completed' && degraded ? '!' : MARKS[status]
  const line = `${indent}${mark} ${id.padEnd(Math.max(0, width - 2 * depth))}  ${work(step)}  ${facts.join(' · ')}`
  const first = status === 'failed' ? colors.red(line.trimEnd()) : line.trimEnd()
  const below = [
    ...(error === null || status !== 'failed' ? [] : [error, ...causeLines(step.error_stack)]),
    ...lacks,
    ...said.map(saidLine),
  ]
  return [first, ...below.map((text) => `${indent}    ${oneLine(text, 400)}`)]
}

/** What the steps of a loop took together. */
function insideText({ steps, duration, input, output, cost }: NonNullable<StepDocument['inside']>): string {
  const tokens = input + output > 0 && `${input} tokens in, ${output} out`
  const took = [formatDuration(duration * 1000), tokens, cost !== undefined && formatCost(cost)].filter(Boolean)
  return `${formatCount(steps, 'step')} took ${took.join(', ')}`
}

/** Why a step was skipped, in words. */
const SKIPPED: { readonly [reason: string]: string | undefined } = {
  condition_false: 'its condition was false',
  rejected: 'a person rejected the call',
  route: 'a route led past it',
  not_reached: 'no route led to it',
  aborted: 'the run ended first',
  given_up: 'the workflow gave it up',
}

const MARKS: { readonly [status in StepDocument['status']]: string } = {
  queued: '·',
  waiting: '…',
  running: '▸',
  completed: '✓',
  failed: '✗',
  skipped: '-',
  cancelled: '✗',
}

const work = ({ tool, action }: StepDocument) => (tool === null || tool === action ? action : `${tool}:${action}`)

const paint = (status: string, colors: Colors) => (status === 'failed' ? colors.red(status) : status)

const modelLine = ({ model, why, input, output, estimated, ...cached }: ModelUse) =>
  `model ${model} (${why}): ${input} tokens in${cachedText(cached)}, ${output} out${estimated ? ' (estimated)' : ''}`

/** A step in full, each of its texts below a line that says which. */
function detailLines(step: StepDetail, { colors, command }: Telling): readonly string[] {
  const { id, run, status, duration: took, retries, started_at, parameters, messages, reply, value } = step
  const { changed = [], given_files = [], queued } = step
  const facts = [
    ...(took === null ? [] : [formatDuration(took * 1000)]),
    ...(queued === undefined ? [] : [`${formatDuration(queued * 1000)} of it in a queue`]),
    ...(retries > 0 ? [formatCount(retries + 1, 'attempt')] : []),
    ...(step.timed_out ? ['timed out'] : []),
    ...(step.skip_reason === null ? [] : [step.skip_reason]),
    ...(step.degraded ? ['degraded'] : []),
  ]
  const section = (title: string, text: string) => ['', colors.bold(title), ...linesOf(text)]
  return [
    `${colors.bold(id)}  ${paint(status, colors)}${facts.length > 0 ? `  ${facts.join(', ')}` : ''}`,
    `step of ${run}, ${work(step)}`,
    ...(started_at === null ? [] : [`started ${localTime(Date.parse(started_at))}`]),
    ...(step.idempotency_key === undefined ? [] : [`idempotency key ${step.idempotency_key}`]),
    ...(step.said ?? []).map(saidLine),
    ...(step.models ?? []).map(modelLine),
    ...given_files.map(({ name, type, bytes }) => `file ${name}, ${type}, ${formatSize(bytes)}`),
    ...attemptLines(step),
    ...(step.lacks ?? []).map((lack) => `lacks: ${lack}`),
    ...(step.waits_for === undefined ? [] : [`waits for ${wordsOfWait(step.waits_for)}${goOn(step)}`]),
    ...(step.whole ?? []).map(({ field }) => `all of ${field}: ${command('show', step.run, id, '--whole', field)}`),
    ...(step.warnings ?? []).map((text) => `warning: ${text}`),
    ...(parameters === undefined ? [] : section('parameters', yaml(parameters))),
    ...(messages ?? []).flatMap(({ role, text }) => section(`message (${role})`, text)),
    ...(changed.length === 0 ? [] : section('not as the model got it', changed.join('\n'))),
    ...(step.not_rendered === undefined ? [] : section('not rendered again', step.not_rendered)),
    ...(reply === undefined ? [] : section('reply', reply)),
    ...(step.error === null ? [] : section('error', errorText(step))),
    ...(value === null || reply !== undefined ? [] : section('result', yaml(resultIn(value)))),
  ]
}

/** The attempts of a step that was repeated: when each began, how long it took, and why it failed. */
function attemptLines({ attempts = [] }: StepDetail): readonly string[] {
  if (attempts.length < 2) return []
  return attempts.map(({ attempt, started_at, ms, code, message }) => {
    const began = started_at === null ? [] : [localTime(Date.parse(started_at))]
    const took = ms === null ? [] : [formatDuration(ms)]
    const end = code === null ? [] : [`${code}: ${oneLine(message ?? '', 200)}`]
    return `attempt ${attempt}: ${[...began, ...took, ...end].join(', ')}`
  })
}

const goOn = ({ to_go_on: by }: StepDetail) => (by === undefined ? '' : ` → ${by}`)

function errorText({ error, error_type, error_code, error_hint, error_stack }: StepDetail): string {
  const named = `${error_type ?? 'Error'}${error_code === undefined ? '' : ` (${error_code})`}: ${error}`
  return [named, ...(error_hint === undefined ? [] : [error_hint]), ...(error_stack ? [error_stack] : [])].join('\n')
}

function resultIn(value: Json): Json {
  return typeof value === 'object' && value !== null && 'result' in value ? (value.result as Json) : value
}

const yaml = (value: Json) => (typeof value === 'string' ? value : stringify(value, { lineWidth: 0 }).trimEnd())

const linesOf = (text: string) => text.split(/\r\n|[\n\r\u0085\u2028\u2029]/).map((line) => `  ${line}`)
