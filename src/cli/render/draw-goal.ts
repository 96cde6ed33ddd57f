import type { Json } from '../../kernel/json.ts'
import type {
  CallEvent,
  GoalCall,
  GoalEventBody,
  GoalGroup,
  GoalNote,
  GoalProgress,
} from '../progress/goal-progress.ts'
import { EDITED, lackNote, madeNote, providerNote, waitNote } from '../progress/goal-progress.ts'
import type { Colors } from '../terminal/escape.ts'
import { fitLine, formatCount, formatDuration, oneLine, statusMark } from '../terminal/format.ts'
import { draftLines, type Frame } from './draw.ts'

/** A goal as lines: a head, then each round with its calls. The newest lines that fit are shown, others counted. */
export function drawGoal(progress: GoalProgress, { colors, elapsed, rows, columns }: Frame): readonly string[] {
  const { agent, status, rounds, calls, thinks, parts, draft } = progress
  const facts = [
    ...(status === 'running' ? [] : [status]),
    ...(rounds === 0 ? [] : [`round ${rounds}`]),
    ...(calls === 0 ? [] : [formatCount(calls, 'call')]),
    formatDuration(elapsed),
  ]
  const lines = [
    ...parts.flatMap((part) => linesOfPart(part, colors)),
    ...(thinks && status === 'running' ? [`  ${statusMark('running', colors)} thinks`] : []),
  ]
  const written = draftLines(draft, columns, Math.ceil(rows * DRAFT_PART))
  const room = Math.max(1, rows - written.length)
  const shown = lines.length <= room ? lines : lines.slice(1 - room)
  const hidden = lines.length - shown.length
  const above = hidden > 0 ? [`  … ${formatCount(hidden, 'line')} above`] : []
  const head = `${colors.bold(agent)}  ${facts.join(' · ')}`
  return [head, ...above, ...shown, ...written].map((line) => fitLine(line, columns))
}

/** The part of the rows that the text of the present round may take. */
const DRAFT_PART = 2 / 3

/** The maximum of characters shown of a model's text in a round. */
const MAX_SAID = 160

function linesOfPart(part: GoalGroup | GoalNote, colors: Colors): readonly string[] {
  if ('note' in part) {
    const status = part.failed ? 'failed' : 'waiting'
    return [`  ${part.waits || part.failed ? `${statusMark(status, colors)} ` : ''}${oneLine(part.note, 300)}`]
  }
  const { title, text, status, calls } = part
  const said = text === '' ? '' : `  ${oneLine(text, MAX_SAID)}`
  return [`  ${statusMark(status, colors)} ${title}${said}`, ...calls.map((call) => lineOfCall(call, colors))]
}

function lineOfCall({ tool, status, says }: GoalCall, colors: Colors): string {
  return `    ${statusMark(status, colors)} ${tool}${says === undefined ? '' : `  ${oneLine(says, 120)}`}`
}

/** The lines for an event of a goal in plain output. `opening`: what its agent does now, such as `begins`. */
export function goalLines(body: Json, opening: string): readonly string[] {
  const event = body as GoalEventBody | CallEvent
  switch (event.type) {
    case 'goal-start':
      return [`${event.agent} ${opening}.`]
    case 'round':
      return [
        ...(event.text === '' || event.calls.length === 0 ? [] : [`  ${oneLine(event.text, 160)}`]),
        ...(event.calls.length === 0
          ? []
          : [`round ${event.round}: ${event.calls.map(({ tool }) => tool).join(', ')}`]),
      ]
    case 'round-end':
      return event.results
        .filter(({ outcome, edited }) => outcome !== 'succeeded' || edited)
        .map(({ tool, outcome, edited }) => `  ${tool} ${outcome}${edited ? `, ${EDITED}` : ''}`)
    case 'of-run':
      return event.event.type === 'goal-wait' ? [`${event.event.goal} waits. ${event.event.title}`] : []
    case 'playbook':
      return [`It follows the playbook \`${event.name}\` (run ${event.run}).`]
    case 'playbook-end':
      return [oneLine(event.text, 300)]
    case 'hand-off':
      return [`It hands the goal to ${event.agent}, ${event.goal}.`]
    case 'provider-wait':
      return [providerNote(event)]
    case 'goal-wait':
      return [waitNote(event.reason, event.title)]
    case 'goal-pause':
      return ['The goal is paused.']
    case 'goal-resume':
      return ['The goal continues.']
    case 'goal-undo':
      return [`It undoes the calls of ${event.run}.`]
    case 'goal-end':
      return [
        ...(event.note === undefined ? [] : [event.note]),
        ...(event.files ?? []).map(madeNote),
        ...(event.lacks ?? []).map(lackNote),
        ...(event.problem ? [`${event.status}: ${event.problem.message}`] : []),
        ...(event.problem?.hint === undefined ? [] : [event.problem.hint]),
      ]
    default:
      return []
  }
}
