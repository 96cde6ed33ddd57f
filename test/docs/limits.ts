import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCE = join(import.meta.dirname, '../../src')

/** The page that is written from the constants of the code. */
export const PAGE = join(import.meta.dirname, '../../docs/limits.md')

type Unit = 'count' | 'bytes' | 'characters' | 'ms' | 'seconds' | 'days' | 'MiB'

/** A limit: what it bounds, where its number stands in the code, its unit, and where it can be set. */
type Limit = readonly [bounds: string, file: string, name: string, unit: Unit, set?: string]

const SETTINGS = '[`antiphon.yaml`](deploy.md#all-settings)'
const SERVE = '[`serve:`](deploy.md#limits)'

const SECTIONS: { readonly [title: string]: readonly Limit[] } = {
  'The text of a pipeline': [
    ['a pipeline file', 'pipeline/language/source/read-yaml.ts', 'MAX_SOURCE_CHARACTERS', 'characters'],
    [
      'values in it, with its aliases written out',
      'pipeline/language/source/alias-limit.ts',
      'MAX_DOCUMENT_VALUES',
      'count',
    ],
    ['levels of maps and lists', 'yaml/parse.ts', 'MAX_DEPTH', 'count'],
    ['templates and AUTO tags', 'pipeline/language/source/alias-limit.ts', 'MAX_TEMPLATES', 'count'],
    ['steps, with the steps of loops', 'pipeline/language/parse/steps.ts', 'MAX_STEPS', 'count'],
    ['inputs', 'pipeline/language/parse/inputs/declared-inputs.ts', 'MAX_INPUTS', 'count'],
    ['outputs', 'pipeline/language/parse/outputs.ts', 'MAX_OUTPUTS', 'count'],
    ['included files within included files', 'pipeline/language/source/expand.ts', 'MAX_INCLUDE_DEPTH', 'count'],
    ['an included file', 'pipeline/language/source/files.ts', 'MAX_INCLUDE_BYTES', 'bytes'],
  ],
  Loops: [
    ['steps in the body of a loop', 'pipeline/language/parse/loops/body.ts', 'body', 'count'],
    ['loops within loops', 'pipeline/language/parse/loops/body.ts', 'depth', 'count'],
    [
      'items of a list, or turns of a loop',
      'pipeline/step/loops/loop-work.ts',
      'MAX_ITERATIONS',
      'count',
      '`max_iterations` for less',
    ],
    [
      'iterations at once',
      'pipeline/language/parse/loops/body.ts',
      'parallel',
      'count',
      '`max_parallel`, `max_concurrent`',
    ],
    [
      'iterations at once of `foreach` and of a queue, where nothing is said',
      'pipeline/language/parse/loops/for-each.ts',
      'DEFAULT_PARALLEL',
      'count',
      '`max_parallel`, `max_concurrent`',
    ],
  ],
  Runs: [
    ['steps of a run at once, besides the steps of its loops', 'pipeline/graph/window.ts', 'MAX_IN_FLIGHT', 'count'],
    ['child runs within child runs', 'pipeline/tools/pipeline-executor.ts', 'MAX_RUN_DEPTH', 'count'],
    [
      'attempts of a step that may be repeated, where nothing is said',
      'pipeline/language/parse/policies.ts',
      'DEFAULT_RETRY_ATTEMPTS',
      'count',
      '`retry`, `max_retries`',
    ],
    ['attempts of a step', 'pipeline/step/step-actor.ts', 'MAX_ATTEMPTS', 'count'],
    ['longest pause between attempts', 'pipeline/language/parse/policies.ts', 'max_delay', 'seconds', '`retry_config`'],
    [
      '`timeout` of a step',
      'pipeline/language/parse/read-pipeline.ts',
      'MAX_TIMEOUT_SECONDS',
      'seconds',
      '`timeout` for less',
    ],
    ['a value of a step', 'store/blobs/blobs.ts', 'value', 'bytes'],
    ['signals that wait for their step', 'pipeline/run/signals.ts', 'kept', 'count'],
    ['the value of a signal', 'pipeline/run/signals.ts', 'value', 'characters'],
  ],
  Templates: [
    ['the text of a template', 'template/parse/source.ts', 'MAX_LENGTH', 'characters'],
    ['operations of one rendering', 'template/machine/machine.ts', 'steps', 'count'],
    ['the rendered text', 'template/machine/machine.ts', 'output', 'characters'],
    ['a rendering in a thread of its own', 'pipeline/step/templates/render-in-thread.ts', 'RENDER_DEADLINE_MS', 'ms'],
    ['a regular expression', 'template/regex/compile.ts', 'MAX_PATTERN_LENGTH', 'characters'],
  ],
  Tools: [
    ['a file that `filesystem` reads', 'tool/builtin/filesystem/path.ts', 'MAX_FILE_BYTES', 'bytes'],
    ['files that `filesystem:list` returns', 'tool/builtin/filesystem/list.ts', 'items', 'count'],
    ['an old file that is kept for undo', 'tool/builtin/filesystem/snapshot.ts', 'MAX_SNAPSHOT_BYTES', 'bytes'],
    ['output of a command that is kept', 'sandbox/process/run-process.ts', 'MAX_OUTPUT_BYTES', 'bytes'],
    ['rows of a table', 'tool/builtin/table/table.ts', 'rows', 'count'],
    ['cells of a pivot or a join', 'tool/builtin/table/table.ts', 'cells', 'count'],
    ['a check against a JSON Schema', 'tool/builtin/validation/validate.ts', 'CHECK_TIMEOUT_MS', 'ms'],
    ['a message of an MCP server', 'tool/mcp/stdio.ts', 'MAX_MESSAGE_BYTES', 'bytes'],
    ['a result of an MCP server, without its files', 'tool/mcp/result.ts', 'MAX_RESULT_BYTES', 'bytes'],
    ['a request to an MCP server', 'tool/mcp/http.ts', 'MAX_REQUEST_MS', 'ms'],
    ['tools of an MCP server', 'tool/mcp/pins.ts', 'MAX_TOOLS', 'count'],
    ['a result over MCP', 'http/mcp/results.ts', 'MAX_RESULT_BYTES', 'bytes'],
    ['a file that is read over MCP', 'http/mcp/resources.ts', 'MAX_FILE_BYTES', 'bytes'],
    ['uploaded pipelines that are offered over MCP', 'http/mcp/offers.ts', 'MAX_PIPELINES', 'count'],
    ['keys in one namespace of `mcp-memory`', 'pipeline/run/notes.ts', 'MAX_KEYS', 'count'],
    ['the state of an environment', 'environment/state.ts', 'state', 'characters'],
    ['a patch to an environment', 'environment/state.ts', 'patch', 'characters'],
    ['changes of an environment that are kept', 'environment/state.ts', 'changes', 'count'],
    ['snapshots of an environment that are kept', 'environment/state.ts', 'snapshots', 'count'],
    ['a wait of `environment:watch`', 'pipeline/tools/environment.ts', 'MAX_WAIT_SECONDS', 'seconds'],
  ],
  'Models and budgets': [
    [
      'a call of a model',
      'model/request/timeouts.ts',
      'DEFAULT_CALL_TIMEOUT_MS',
      'ms',
      '`timeouts:` of [the provider](workers-and-models.md#providers)',
    ],
    [
      'its first token',
      'model/request/timeouts.ts',
      'DEFAULT_FIRST_TOKEN_TIMEOUT_MS',
      'ms',
      '`timeouts:` of the provider',
    ],
    [
      'the time between two pieces of a reply',
      'model/request/timeouts.ts',
      'DEFAULT_IDLE_TIMEOUT_MS',
      'ms',
      '`timeouts:` of the provider',
    ],
    ['a prompt', 'model/prompt/prompt-form.ts', 'MAX_PROMPT_LENGTH', 'characters'],
    [
      'tokens of a paid reply under a budget, where nothing is said',
      'model/cost/cost-ceiling.ts',
      'MAX_REPLY_TOKENS',
      'count',
      '`max_tokens`',
    ],
    [
      'tasks that wait in a pool',
      'worker/scaling/policy.ts',
      'DEFAULT_QUEUE_LENGTH',
      'count',
      '`queue` of [`pools:`](workers-and-models.md#sizes-and-topology)',
    ],
    ['calls that wait for one budget', 'budget/reserve.ts', 'MAX_WAITING', 'count'],
    [
      'life of a cached reply, where nothing is said',
      'model/pool/reply-cache.ts',
      'DEFAULT_TTL_SECONDS',
      'seconds',
      '[`cache:`](workers-and-models.md#cache)',
    ],
  ],
  Questions: [
    ['cycles of one question', 'chain/protocol/limits.ts', 'maxCycles', 'count'],
    ['one question', 'chain/protocol/limits.ts', 'deadline', 'ms'],
    ['questions that wait on a thread', 'chain/protocol/limits.ts', 'queue', 'count'],
    ['files of one question', 'chain/protocol/limits.ts', 'files', 'count'],
    ['the text of one file', 'chain/protocol/limits.ts', 'fileSize', 'characters'],
    ['the texts of all files', 'chain/protocol/limits.ts', 'allFilesSize', 'characters'],
    ['an answer', 'chain/protocol/bounds.ts', 'MAX_ANSWER_SIZE', 'characters'],
  ],
  'A server': [
    ['the body of a request', 'config/serve.ts', 'maxBody', 'bytes', SERVE],
    ['requests of one key in a second', 'config/serve.ts', 'perSecond', 'count', SERVE],
    ['requests of one key at once', 'config/serve.ts', 'concurrent', 'count', SERVE],
    ['event streams of one key', 'config/serve.ts', 'streams', 'count', SERVE],
    [
      'the time in which a repeated request gets the first reply',
      'access/idempotency.ts',
      'REQUEST_RETENTION_MS',
      'ms',
    ],
  ],
  'The data folder': [
    ['finished runs that are kept', 'config/config.ts', 'runs', 'count', SETTINGS],
    ['a finished run is kept for', 'config/config.ts', 'runDays', 'days', SETTINGS],
    ['a dead letter is kept for', 'config/config.ts', 'deadLetterDays', 'days', SETTINGS],
    ['a day of the audit is kept for', 'config/config.ts', 'auditDays', 'days', SETTINGS],
    ['secrets', 'secret/store.ts', 'MAX_SECRETS', 'count'],
    ['a secret', 'secret/store.ts', 'MAX_SECRET_LENGTH', 'characters'],
  ],
  'Your own actors': [
    ['a message, a part or an event', 'kernel/limits.ts', 'body', 'characters'],
    ['a state', 'kernel/limits.ts', 'cell', 'characters'],
    ['messages that one turn sends', 'kernel/limits.ts', 'sends', 'count'],
    ['fields of an index', 'kernel/limits.ts', 'index', 'count'],
    ['children of a supervisor', 'kernel/supervisor/spec.ts', 'MAX_CHILDREN', 'count'],
  ],
}

const HEAD = `# Limits

<!-- This page is written by \`node test/docs/limits.ts\` from the constants of the code. -->

The limits that you can meet, and where you can set them. A limit without a place in the last column is fixed.
Sizes in characters count UTF-16 code units, as JavaScript does.

${Object.keys(SECTIONS)
  .map((title) => `- [${title}](#${title.toLowerCase().replaceAll(' ', '-')})`)
  .join('\n')}
`

/** The whole page as the code has it now. */
export function page(): string {
  const sections = Object.entries(SECTIONS).map(
    ([title, limits]) =>
      `\n## ${title}\n\n| limit of | is | can be set in |\n|---|---|---|\n${limits.map(row).join('\n')}\n`,
  )
  return [HEAD, ...sections].join('')
}

function row([bounds, file, name, unit, set = '']: Limit): string {
  return `| ${bounds} | ${written(readConstant(file, name), unit)} | ${set} |`
}

/** The number that stands in a file behind \`name =\` or \`name:\`. Throws when there is none. */
function readConstant(file: string, name: string): number {
  const text = readFileSync(join(SOURCE, file), 'utf8')
  const found = text.match(new RegExp(`\\b${name}(?: =|:) ((?:[\\d_.e]+)(?: \\* [\\d_.e]+)*)(?=[\\s,;]|$)`, 'm'))
  if (!found) throw new Error(`src/${file} has no number ${name}`)
  return found[1]!
    .split(' * ')
    .map((factor) => Number(factor.replaceAll('_', '')))
    .reduce((product, factor) => product * factor)
}

const STEPS: { readonly [unit in Unit]?: readonly (readonly [size: number, name: string])[] } = {
  bytes: [
    [1024 * 1024, 'MiB'],
    [1024, 'KiB'],
  ],
  ms: [
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ],
  seconds: [
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ],
}

/** A number in its largest whole unit. */
function written(value: number, unit: Unit): string {
  const [size, name] = STEPS[unit]?.find(([size]) => value % size === 0 && value >= size) ?? [
    1,
    unit === 'count' ? '' : unit,
  ]
  return `${(value / size).toLocaleString('en')} ${name}`.trim()
}

if (import.meta.main) writeFileSync(PAGE, page())
