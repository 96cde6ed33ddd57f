import type { Toolbox } from '../../../tool/toolbox.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import type { StepSpec } from '../parse/pipeline-spec.ts'
import { suggestToolCall } from './tool-names.ts'

const MAX_SHOWN_CHARACTERS = 60

/** Internal actions of py-orc. Authors do not mean these. */
const INTERNAL_ACTIONS = ['control_flow', 'loop_complete', 'capture_result']

/** Likely meanings of an unknown action, and what to write. The first match wins. In names, `_` and `-` are spaces. */
const ACTION_HINTS: readonly (readonly [sign: RegExp, hint: string])[] = [
  [/^(?:action loop|create parallel queue)$/, 'It is a key of the step that contains the actions, not an action.'],
  [
    /^(?:write|save|store|export)\b/i,
    'To write a file: `tool: filesystem`, `action: write` with `path:` and `content:`.',
  ],
  [/^(?:read|load|open)\b/i, 'To read a file: `tool: filesystem`, `action: read` with `path:`.'],
  [/^list (?:files|directory|folder)$/i, 'To list a folder: `tool: filesystem`, `action: list` with `path:`.'],
  [/^(?:run|execute)\b|^!/i, 'To run a command: `tool: terminal` with `command:`.'],
  [/^(?:web )?search(?: web)?$/i, 'To search the web: `tool: web-search`, `action: search` with `query:`.'],
  [
    /^(?:create|generate|make|write)? ?report$/i,
    'To write a report: `tool: report-generator` with `title:` and `content:`.',
  ],
  [/^(?:check|validate) data$/i, 'To validate data: `tool: validation` with `data:` and `schema:`.'],
  [
    /^(?:aggregate|clean|convert|filter|merge|pivot|process|transform)(?: data)?$/i,
    'To process data: `tool: data-processing` with `data:`. See `antiphon tools describe data-processing`.',
  ],
]
const PROSE_HINT = 'To ask a model, write `action: generate` with this text as `prompt:`.'
const KNOWN_ACTIONS_HINT =
  'Actions without a tool are generate, generate_structured, analyze_text, evaluate_condition, debug and echo. Others need a `tool:`.'

/** Reports an unknown action, with the nearest word or with what to write instead. */
export function reportUnknownAction(
  step: StepSpec,
  action: string,
  known: readonly string[],
  toolbox: Toolbox,
  report: ReportFinding,
): undefined {
  const shown = action.length > MAX_SHOWN_CHARACTERS ? `${action.slice(0, MAX_SHOWN_CHARACTERS)}…` : action
  const guess = () =>
    suggestToolCall(action, toolbox) ?? didYouMean(action, [...known, ...toolbox.names()]) ?? suggestAction(action)
  report('unknown_action', [...step.path, 'action'], `there is no action \`${shown.replaceAll('\n', ' ')}\``, {
    step: step.id,
    hint: INTERNAL_ACTIONS.includes(action) ? 'py-orc used it internally. Remove the step.' : guess,
  })
}

function suggestAction(action: string): string {
  const isProse = /\s/.test(action.trim())
  const words = isProse ? action.trim() : action.replaceAll(/[_-]/g, ' ')
  return ACTION_HINTS.find(([sign]) => sign.test(words))?.[1] ?? (isProse ? PROSE_HINT : KNOWN_ACTIONS_HINT)
}
