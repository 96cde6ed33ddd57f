import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCE = join(import.meta.dirname, '../../src')

/** The page that is written from the constants of the code. */
export const PAGE = join(import.meta.dirname, '../../docs/limits.md')

type Unit = 'count' | 'bytes' | 'characters' | 'ms' | 'seconds' | 'days' | 'MiB'

/** A limit: what it bounds, where its number stands in the code, its unit, and where it can be set. */
type Limit = readonly [bounds: string, file: string, name: string, unit: Unit, set?: string]

const SETTINGS = '[`antiphon.yaml`](deploy.md#all-settings)'
const SANDBOX = '[`sandbox:`](sandbox.md#limits)'
const SERVE = '[`serve:`](deploy.md#limits)'
const CHAIN = '[`chain:`](deploy.md#all-settings)'

const SECTIONS: { readonly [title: string]: readonly Limit[] } = {
  'Pipeline files': [
    ['a pipeline file', 'pipeline/language/source/read-yaml.ts', 'MAX_SOURCE_CHARACTERS', 'characters'],
    [
      'values in a pipeline file, after aliases are expanded',
      'pipeline/language/source/alias-limit.ts',
      'MAX_DOCUMENT_VALUES',
      'count',
    ],
    ['nesting depth of maps and lists', 'yaml/parse.ts', 'MAX_DEPTH', 'count'],
    ['templates and `<AUTO>` tags', 'pipeline/language/source/alias-limit.ts', 'MAX_TEMPLATES', 'count'],
    ['steps, including those in loops', 'pipeline/language/parse/steps.ts', 'MAX_STEPS', 'count'],
    ['inputs', 'pipeline/language/parse/inputs/declared-inputs.ts', 'MAX_INPUTS', 'count'],
    ['outputs', 'pipeline/language/parse/outputs.ts', 'MAX_OUTPUTS', 'count'],
    ['nesting depth of included files', 'pipeline/language/source/expand.ts', 'MAX_INCLUDE_DEPTH', 'count'],
    ['an included file', 'pipeline/language/source/files.ts', 'MAX_INCLUDE_BYTES', 'bytes'],
  ],
  Loops: [
    ['steps in the body of a loop, including nested loops', 'pipeline/language/parse/loops/body.ts', 'body', 'count'],
    ['nesting depth of loops', 'pipeline/language/parse/loops/body.ts', 'depth', 'count'],
    [
      'items of a list, or iterations of a loop',
      'pipeline/step/loops/loop-work.ts',
      'MAX_ITERATIONS',
      'count',
      '`max_iterations` (can only lower it)',
    ],
    [
      'parallel iterations of a loop',
      'pipeline/language/schema/value-kinds.ts',
      'MAX_PARALLEL',
      'count',
      '`max_parallel`, `max_concurrent`',
    ],
    [
      'default number of parallel iterations of `foreach` and queues',
      'pipeline/language/parse/loops/for-each.ts',
      'DEFAULT_PARALLEL',
      'count',
      '`max_parallel`, `max_concurrent`',
    ],
  ],
  Runs: [
    ['runs and goals of one key that work at once', 'run/later/terms.ts', 'MAX_SLOTS', 'count', '`queue.slots`'],
    [
      'runs and goals of one key that begin in a minute',
      'run/later/terms.ts',
      'MAX_PER_MINUTE',
      'count',
      '`queue.perMinute`',
    ],
    ['runs and goals that wait for one key', 'run/later/queue-actor.ts', 'MAX_WAITING', 'count'],
    ['the delay of a run or a goal', 'run/later/terms.ts', 'MAX_DELAY', 'seconds'],
    ['concurrent steps of a run, not counting steps in loops', 'pipeline/graph/window.ts', 'MAX_IN_FLIGHT', 'count'],
    ['checkpoints of a thread of a LangGraph graph', 'checkpoint/actor.ts', 'MAX_CHECKPOINTS', 'count'],
    [
      'nesting depth of runs, including the top-level run',
      'pipeline/tools/pipeline-executor.ts',
      'MAX_RUN_DEPTH',
      'count',
    ],
    [
      'default attempts of a repeatable step',
      'pipeline/language/parse/policies.ts',
      'DEFAULT_RETRY_ATTEMPTS',
      'count',
      '`retry`',
    ],
    ['attempts of a step', 'step/actor/step-actor.ts', 'MAX_ATTEMPTS', 'count'],
    ['longest pause between attempts', 'pipeline/language/parse/policies.ts', 'max_delay', 'seconds', '`retry_config`'],
    [
      '`timeout` of a step',
      'pipeline/language/parse/read-pipeline.ts',
      'MAX_TIMEOUT_SECONDS',
      'seconds',
      '`timeout` (can only lower it)',
    ],
    ['the result of a step, as JSON', 'store/blobs/blobs.ts', 'value', 'bytes'],
    ['signals of a run that arrived before a step waits for them', 'run/actor/signals.ts', 'kept', 'count'],
    ['the value of a signal', 'run/actor/signals.ts', 'value', 'characters'],
  ],
  Templates: [
    ['the text of a template', 'template/parse/source.ts', 'MAX_LENGTH', 'characters'],
    ['operations in one rendering', 'template/machine/machine.ts', 'steps', 'count'],
    ['the rendered text', 'template/machine/machine.ts', 'output', 'characters'],
    [
      'time for rendering in a separate thread',
      'pipeline/step/templates/render-in-thread.ts',
      'RENDER_DEADLINE_MS',
      'ms',
    ],
    ['a regular expression', 'template/regex/compile.ts', 'MAX_PATTERN_LENGTH', 'characters'],
  ],
  Tools: [
    ['a file that `filesystem` reads', 'tool/builtin/filesystem/path.ts', 'MAX_FILE_BYTES', 'bytes'],
    ['files that `filesystem:list` returns', 'tool/builtin/filesystem/list.ts', 'items', 'count'],
    [
      'the previous version of a file, kept for undo',
      'tool/builtin/filesystem/snapshot.ts',
      'MAX_SNAPSHOT_BYTES',
      'bytes',
    ],
    ['captured output of a command', 'sandbox/process/run-process.ts', 'MAX_OUTPUT_BYTES', 'bytes'],
    [
      'captured output of a command that is kept for `antiphon show --whole`',
      'sandbox/process/run-process.ts',
      'KEPT_OUTPUT_BYTES',
      'bytes',
    ],
    ['rows of a table', 'tool/builtin/table/table.ts', 'rows', 'count'],
    ['cells of a pivot or a join', 'tool/builtin/table/table.ts', 'cells', 'count'],
    ['time for a check against a JSON Schema', 'tool/builtin/validation/validate.ts', 'CHECK_TIMEOUT_MS', 'ms'],
    ['parts of a call (`once`)', 'tool/once/call-parts.ts', 'parts', 'count'],
    ['the name of a part of a call', 'tool/once/call-parts.ts', 'name', 'characters'],
    ['the result of a part of a call', 'tool/once/call-parts.ts', 'result', 'characters'],
    ['a message from an MCP server', 'tool/mcp/transport/lines.ts', 'MAX_MESSAGE_BYTES', 'bytes'],
    ['a result from an MCP server, without its files', 'tool/mcp/result.ts', 'MAX_RESULT_BYTES', 'bytes'],
    ['time for a request to an MCP server', 'tool/mcp/transport/http.ts', 'MAX_REQUEST_MS', 'ms'],
    ['tools of an MCP server', 'tool/mcp/pins.ts', 'MAX_TOOLS', 'count'],
    ['a result that antiphon returns as an MCP server', 'http/mcp/results.ts', 'MAX_RESULT_BYTES', 'bytes'],
    ['a file that an MCP client reads from antiphon', 'http/mcp/resources.ts', 'MAX_FILE_BYTES', 'bytes'],
    ['uploaded pipelines that antiphon offers as an MCP server', 'http/mcp/offers/offers.ts', 'MAX_PIPELINES', 'count'],
    ['keys in a namespace of `mcp-memory`', 'pipeline/run/notes.ts', 'MAX_KEYS', 'count'],
    ['the state of an environment', 'environment/state.ts', 'state', 'characters'],
    ['a patch to an environment', 'environment/state.ts', 'patch', 'characters'],
    ['recorded changes of an environment', 'environment/state.ts', 'changes', 'count'],
    ['snapshots of an environment', 'environment/state.ts', 'snapshots', 'count'],
    ['`timeout` of `environment:watch`', 'environment/room/tools.ts', 'MAX_WAIT_SECONDS', 'seconds'],
  ],
  'Sandboxes and web': [
    ['memory of all processes in a sandbox', 'sandbox/sandbox.ts', 'memory', 'bytes', SANDBOX],
    ['time for a command in a sandbox', 'sandbox/sandbox.ts', 'seconds', 'seconds', SANDBOX],
    ['processes in a sandbox', 'sandbox/sandbox.ts', 'processes', 'count', SANDBOX],
    ['disk space of a sandbox', 'sandbox/sandbox.ts', 'disk', 'bytes', SANDBOX],
    ['files and folders in a sandbox', 'sandbox/sandbox.ts', 'files', 'count', SANDBOX],
    ['data that a sandbox receives from hosts', 'web/host-proxy.ts', 'MAX_BYTES', 'bytes'],
    ['a response, after decompression', 'web/request.ts', 'DEFAULT_MAX_RESPONSE_BYTES', 'bytes', '`max_bytes`'],
    ['time for a request', 'web/request.ts', 'DEFAULT_WEB_TIMEOUT_MS', 'ms', '`timeout`'],
    ['redirects of a request', 'web/request.ts', 'MAX_REDIRECTS', 'count'],
    ['concurrent requests to the same host', 'web/request.ts', 'MAX_PER_HOST', 'count'],
    ['concurrent browsers', 'tool/chromium/browser.ts', 'MAX_BROWSERS', 'count'],
    ['data that a browser receives', 'tool/chromium/browser.ts', 'MAX_BROWSER_BYTES', 'bytes'],
  ],
  'Models and budgets': [
    [
      'time for a call to a model',
      'model/request/timeouts.ts',
      'DEFAULT_CALL_TIMEOUT_MS',
      'ms',
      '`timeouts:` of [the provider](providers.md)',
    ],
    [
      'time to the first token',
      'model/request/timeouts.ts',
      'DEFAULT_FIRST_TOKEN_TIMEOUT_MS',
      'ms',
      '`timeouts:` of the provider',
    ],
    [
      'time between two chunks of a reply',
      'model/request/timeouts.ts',
      'DEFAULT_IDLE_TIMEOUT_MS',
      'ms',
      '`timeouts:` of the provider',
    ],
    [
      'time that work waits for a provider that cannot answer',
      'work/provider-wait.ts',
      'DEFAULT_PATIENCE_MS',
      'ms',
      '[`patience:`](providers.md#patience)',
    ],
    ['a prompt', 'model/prompt/prompt-form.ts', 'MAX_PROMPT_LENGTH', 'characters'],
    [
      'default `max_tokens` of a paid model when a budget applies',
      'model/cost/cost-ceiling.ts',
      'MAX_REPLY_TOKENS',
      'count',
      '`max_tokens` of a step, [`maxTokens`](providers.md#room-to-think) of an agent or a model',
    ],
    [
      'queued tasks of a pool',
      'worker/scaling/policy.ts',
      'DEFAULT_QUEUE_LENGTH',
      'count',
      '`queue` of [`pools:`](workers.md#sizes-and-topology)',
    ],
    ['calls that wait for the same budget', 'budget/reserve.ts', 'MAX_WAITING', 'count'],
    [
      'default lifetime of a cached reply',
      'model/pool/reply-cache.ts',
      'DEFAULT_TTL_SECONDS',
      'seconds',
      '[`cache:`](cache.md)',
    ],
  ],
  'Goals of agents': [
    ['a goal', 'work/text-limits.ts', 'MAX_GOAL_CHARACTERS', 'characters'],
    [
      'default rounds of a goal',
      'agent/protocol/state.ts',
      'rounds',
      'count',
      '[`maxTurns`](agents.md#rounds-and-limits)',
    ],
    ['calls of a round', 'agent/protocol/state.ts', 'calls', 'count'],
    ['default tokens of a goal', 'agent/protocol/state.ts', 'tokens', 'count', '`antiphon agent resume --tokens`'],
    ['default time of a goal', 'agent/protocol/state.ts', 'time', 'ms', '[`deadline`](agents.md#rounds-and-limits)'],
    [
      'default dollars of a goal',
      'agent/protocol/state.ts',
      'DEFAULT_BUDGET',
      'count',
      '[`budget`](agents.md#rounds-and-limits)',
    ],
    ['a result that the model sees whole', 'agent/context/shorten.ts', 'MAX_SHOWN', 'characters'],
    ['an answer of an agent with an `output`', 'agent/goal/think/final-answer.ts', 'MAX_OUTPUT_BYTES', 'bytes'],
    ['a text that a person tells a goal', 'work/text-limits.ts', 'MAX_TELL_CHARACTERS', 'characters'],
    ['texts that wait for the next round', 'agent/goal/control.ts', 'MAX_TOLD', 'count'],
    ['nesting depth of agents', 'work/origin/goal-origin.ts', 'MAX_AGENTS', 'count'],
    ['records that a goal recalls', 'agent/memory/recall.ts', 'RECALLED', 'count'],
  ],
  Questions: [
    ['cycles of a question', 'chain/protocol/limits.ts', 'maxCycles', 'count', CHAIN],
    ['time to answer a question', 'chain/protocol/limits.ts', 'deadline', 'ms', CHAIN],
    ['queued questions on a thread', 'chain/protocol/limits.ts', 'queue', 'count', CHAIN],
    ['files of a question', 'chain/protocol/limits.ts', 'files', 'count', CHAIN],
    ['the text of a file', 'chain/protocol/limits.ts', 'fileSize', 'characters', CHAIN],
    ['the texts of all files', 'chain/protocol/limits.ts', 'allFilesSize', 'characters', CHAIN],
    ['tool calls of a question in a cycle', 'chain/calls/tool-rounds.ts', 'MAX_CALLS', 'count'],
    ['an answer', 'chain/protocol/bounds.ts', 'MAX_ANSWER_SIZE', 'characters'],
  ],
  'A server': [
    ['the body of a webhook that comes in', 'http/routes/hooks.ts', 'MAX_DELIVERY', 'bytes'],
    ['how far the signed time of a webhook may be from now', 'hook/verify.ts', 'TOLERANCE_SECONDS', 'seconds'],
    ['a request body', 'config/serve.ts', 'maxBody', 'bytes', SERVE],
    ['a request body with a message', 'http/routing/body.ts', 'MAX_MESSAGE_BYTES', 'bytes'],
    ['an upload of a visitor', 'file/room/view.ts', 'MAX_VISITOR_BYTES', 'bytes'],
    ['requests per second with the same key', 'config/serve.ts', 'perSecond', 'count', SERVE],
    ['concurrent requests with the same key', 'config/serve.ts', 'concurrent', 'count', SERVE],
    ['event streams with the same key', 'config/serve.ts', 'streams', 'count', SERVE],
    [
      'finding the owner of a request in a server of your own',
      'http/program/request-owner.ts',
      'OWNER_TIMEOUT_MS',
      'ms',
    ],
    ['an event stream in a server of your own', 'http/server/mounted.ts', 'STREAM_TIME', 'ms'],
    ['how long a repeated request gets the first reply', 'access/idempotency.ts', 'REQUEST_RETENTION_MS', 'ms'],
  ],
  'The data folder': [
    ['finished runs to keep', 'config/config.ts', 'runs', 'count', SETTINGS],
    ['retention of a finished run', 'config/config.ts', 'runDays', 'days', SETTINGS],
    ['retention of a dead letter', 'config/config.ts', 'deadLetterDays', 'days', SETTINGS],
    ['retention of audit records', 'config/config.ts', 'auditDays', 'days', SETTINGS],
    ['secrets', 'secret/store.ts', 'MAX_SECRETS', 'count'],
    ['a secret', 'secret/store.ts', 'MAX_SECRET_LENGTH', 'characters'],
  ],
  'Your own actors': [
    ['a message, a part or an event', 'kernel/limits.ts', 'body', 'characters'],
    ['a state', 'kernel/limits.ts', 'cell', 'characters'],
    ['messages that a turn sends', 'kernel/limits.ts', 'sends', 'count'],
    ['fields of an index', 'kernel/limits.ts', 'index', 'count'],
    ['children of a supervisor', 'kernel/supervisor/spec.ts', 'MAX_CHILDREN', 'count'],
  ],
}

const HEAD = `# Limits

<!-- This page is written by \`node test/docs/limits.ts\` from the constants of the code. -->

This page lists the limits that you may run into, and where to change them. A limit without an entry in the last column is fixed.
Sizes in characters count UTF-16 code units, as JavaScript does.

${Object.keys(SECTIONS)
  .map((title) => `- [${title}](#${title.toLowerCase().replaceAll(' ', '-')})`)
  .join('\n')}
`

/** The whole page as the code has it now. */
export function page(): string {
  const sections = Object.entries(SECTIONS).map(
    ([title, limits]) =>
      `\n## ${title}\n\n| limit | value | set with |\n|---|---|---|\n${limits.map(row).join('\n')}\n`,
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
